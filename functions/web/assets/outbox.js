// New todos on their way to the API, one after the other so that their order
// stays, each under one idempotency key however often it has to be sent.

export class Outbox {
  #todos;
  #drafts;
  #sending = Promise.resolve();

  constructor(todos, drafts) {
    this.#todos = todos;
    this.#drafts = drafts;
  }

  // What an earlier page left unconfirmed.
  get left() {
    return [...this.#drafts.outbox];
  }

  // The todo that the API made of it. On failure the entry stays until it is
  // sent again or taken back.
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
