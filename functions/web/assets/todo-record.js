// One todo as the API last said it, and the writes to it, which never overlap:
// each names the version that the one before it left.

import { Failure } from "./failure.js";

export class TodoRecord {
  #todos;
  #queue = Promise.resolve();
  #wanted;
  #writing = 0;

  constructor(todo, todos) {
    this.#todos = todos;
    this.todo = todo;
    this.#wanted = todo.completed;
  }

  // What to show while a toggle is on its way.
  get completed() {
    return this.#wanted;
  }

  // Only the last of several quick toggles has to arrive. A failure takes back
  // what was wanted, so `completed` is again what the API knows.
  complete(completed) {
    this.#wanted = completed;
    return this.#next(async () => {
      const wanted = this.#wanted;
      if (this.todo.completed === wanted) return;
      try {
        await this.#change({ completed: wanted });
      } catch (failure) {
        this.#wanted = this.todo.completed;
        // Whoever was faster may have wanted the same.
        if (failure.kind !== "conflict" || this.todo.completed !== wanted) throw failure;
      }
    });
  }

  describe(description) {
    return this.#next(() => this.#change({ description }));
  }

  // What the API says now. A write under way knows better.
  update(todo) {
    if (this.#writing > 0 || todo.version <= this.todo.version) return;
    this.todo = todo;
    this.#wanted = todo.completed;
  }

  remove() {
    return this.#next(() => this.#reloading(() => this.#todos.remove(this.todo)));
  }

  async #change(changes) {
    this.todo = await this.#reloading(() => this.#todos.change(this.todo, changes));
  }

  // Someone else was faster: have their version before saying so.
  async #reloading(write) {
    try {
      return await write();
    } catch (failure) {
      if (failure.kind !== "conflict") throw failure;
      this.todo = await this.#todos.one(this.todo.id);
      this.#wanted = this.todo.completed;
      throw new Failure("conflict", failure);
    }
  }

  #next(write) {
    this.#writing += 1;
    const written = this.#queue.then(write).finally(() => {
      this.#writing -= 1;
    });
    this.#queue = written.catch(() => {});
    return written;
  }
}
