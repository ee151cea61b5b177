// The todos loaded so far, newest first. Ids sort by creation, so a todo that is
// added, or fetched alone, has its place whatever else is loaded.

import { Failure } from "./failure.js";

export class Pages {
  #fetchPage;
  #next = null;
  #loading = null;
  #turn = 0;

  items = [];

  constructor(fetchPage) {
    this.#fetchPage = fetchPage;
  }

  get more() {
    return this.#next !== null;
  }

  // The first page, forgetting what was there.
  reload() {
    this.#turn += 1;
    return this.#begin(null, []);
  }

  // The next page; calls while it is under way share it. Returns what is new.
  load() {
    if (this.#loading) return this.#loading;
    return this.more ? this.#begin(this.#next, this.items) : Promise.resolve([]);
  }

  put(todo) {
    const others = this.items.filter((item) => item.id !== todo.id);
    const place = others.findIndex((item) => item.id < todo.id);
    others.splice(place < 0 ? others.length : place, 0, todo);
    this.items = others;
  }

  drop(id) {
    this.items = this.items.filter((item) => item.id !== id);
  }

  has(id) {
    return this.items.some((item) => item.id === id);
  }

  #begin(cursor, items) {
    const loading = this.#read(cursor, items, this.#turn).finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    this.#loading = loading;
    return loading;
  }

  async #read(cursor, items, turn) {
    let page = await this.#fetchPage(cursor);
    // Nothing to show and more to come: go on until there is something.
    while (page.items.length === 0 && page.next) page = await this.#fetchPage(page.next);
    if (turn !== this.#turn) throw new Failure("superseded");
    if (cursor === null) this.items = items;
    const added = page.items.filter((todo) => !this.has(todo.id));
    for (const todo of page.items) this.put(todo);
    this.#next = page.next ?? null;
    return added;
  }
}
