// The rows on the page, kept as the todos are: rows that stay are not touched, so
// that focus and an edit under way stay too.

export class TodoRows {
  #list;
  #make;
  #rows = new Map();

  constructor(list, make) {
    this.#list = list;
    this.#make = make;
  }

  get(id) {
    return this.#rows.get(id);
  }

  has(id) {
    return this.#rows.has(id);
  }

  show(todos) {
    const kept = new Set(todos.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    todos.forEach((todo, place) => {
      if (!this.#rows.has(todo.id)) this.#rows.set(todo.id, this.#make(todo));
      const { element } = this.#rows.get(todo.id);
      const there = this.#list.children[place] ?? null;
      if (there !== element) this.#list.insertBefore(element, there);
    });
    this.#list.hidden = todos.length === 0;
  }
}
