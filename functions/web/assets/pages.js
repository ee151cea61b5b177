// The todos loaded so far, newest first. IDs sort by creation time, which gives each todo its place.

import { Failure } from "./failure.js";

export class Pages {
  #fetchPage;
  #next = null;
  #loading = null;
  #turn = 0;
  // Todos that were put, or dropped (null), since the current read began: its page may be older.
  #since = new Map();

  items = [];

  constructor(fetchPage) {
    this.#fetchPage = fetchPage;
  }

  get more() {
    return this.#next !== null;
  }

  // Loads the first page, or as many pages as have `least` todos, and replaces all items.
  reload(least = 0) {
    this.#turn += 1;
    return this.#begin(null, least);
  }

  // Loads the next page and resolves to its new todos. Concurrent calls share one request.
  load() {
    if (this.#loading) return this.#loading;
    return this.more ? this.#begin(this.#next) : Promise.resolve([]);
  }

  put(todo) {
    this.#since.set(todo.id, todo);
    this.#place(todo);
  }

  drop(id) {
    this.#since.set(id, null);
    this.#remove(id);
  }

  has(id) {
    return this.items.some((item) => item.id === id);
  }

  #place(todo) {
    const others = this.items.filter((item) => item.id !== todo.id);
    const place = others.findIndex((item) => item.id < todo.id);
    others.splice(place < 0 ? others.length : place, 0, todo);
    this.items = others;
  }

  #remove(id) {
    this.items = this.items.filter((item) => item.id !== id);
  }

  #begin(cursor, least = 0) {
    this.#since = new Map();
    const loading = this.#read(cursor, least, this.#turn).finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    this.#loading = loading;
    return loading;
  }

  async #read(cursor, least, turn) {
    let page = await this.#fetchPage(cursor);
    const items = [...page.items];
    // A page can be empty although there are more.
    while (items.length < Math.max(least, 1) && page.next) {
      page = await this.#fetchPage(page.next);
      items.push(...page.items);
    }
    if (turn !== this.#turn) throw new Failure("superseded");
    if (cursor === null) this.items = [];
    const added = items.filter(({ id }) => !this.has(id) && !this.#since.has(id));
    for (const todo of items) this.#place(todo);
    for (const [id, todo] of this.#since) todo ? this.#place(todo) : this.#remove(id);
    this.#next = page.next ?? null;
    return added;
  }
}
