// New todos that are being sent, one after the other to keep their order. Each has one idempotency
// key for all of its attempts.

export class Outbox {
  #todos;
  #drafts;
  #sending = Promise.resolve();

  constructor(todos, drafts) {
    this.#todos = todos;
    this.#drafts = drafts;
  }

  // The todos that an earlier page sent without getting a response.
  get left() {
    return [...this.#drafts.outbox];
  }

  // Resolves to the new todo. After a failure the entry stays until it is sent again or taken back.
  post(entry) {
    this.#keep(entry);
    const posted = this.#sending.then(async () => {
      const todo = await this.#todos.create({ description: entry.text }, entry.key);
      this.takeBack(entry);
      return todo;
    });
    this.#sending = posted.catch(() => {});
    return posted;
  }

  takeBack(entry) {
    this.#drafts.outbox = this.#drafts.outbox.filter((kept) => kept.key !== entry.key);
  }

  #keep(entry) {
    if (this.#drafts.outbox.some((kept) => kept.key === entry.key)) return;
    this.#drafts.outbox = [...this.#drafts.outbox, entry];
  }
}
