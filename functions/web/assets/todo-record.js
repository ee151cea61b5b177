// One todo as the API last returned it. Writes to it never overlap: each names the version that the
// previous one returned.

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

  // The state to show while a toggle is being saved.
  get completed() {
    return this.#wanted;
  }

  // Only the last of several quick toggles is sent. After a failure, `completed` is the API's state
  // again.
  complete(completed) {
    this.#wanted = completed;
    return this.#next(async () => {
      const wanted = this.#wanted;
      if (this.todo.completed === wanted) return;
      try {
        await this.#change({ completed: wanted });
      } catch (failure) {
        this.#wanted = this.todo.completed;
        // The other change may have been the same.
        if (failure.kind !== "conflict" || this.todo.completed !== wanted) throw failure;
      }
    });
  }

  describe(description) {
    return this.#next(() => this.#change({ description }));
  }

  // Takes a newer version, unless a write is under way.
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

  // The todo was changed elsewhere: loads that version, then reports the conflict.
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
