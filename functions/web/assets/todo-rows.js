// The rows of the list. Rows that stay are not touched, so that they keep the focus and an open
// editor. Hidden rows are kept, too.

export class TodoRows {
  #list;
  #make;
  #rows = new Map();

  constructor(list, make) {
    this.#list = list;
    this.#make = make;
    list.addEventListener("focusin", ({ target }) => target.matches(".todo") && this.#reach(target));
  }

  get(id) {
    return this.#rows.get(id);
  }

  has(id) {
    return this.#rows.has(id);
  }

  // Returns how many are shown.
  show(todos, isSeen) {
    const kept = new Set(todos.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    let place = 0;
    for (const todo of todos) {
      if (this.#rows.has(todo.id)) this.#rows.get(todo.id).update(todo);
      else this.#rows.set(todo.id, this.#make(todo));
      const { element } = this.#rows.get(todo.id);
      if (!isSeen(todo)) {
        element.remove();
        continue;
      }
      const there = this.#list.children[place] ?? null;
      if (there !== element) this.#list.insertBefore(element, there);
      place += 1;
    }
    this.#list.hidden = place === 0;
    if (!this.#list.contains(document.activeElement)) this.#reach(this.#list.firstElementChild);
    return place;
  }

  // The Tab key reaches one row; the arrow keys move from there.
  #reach(row) {
    for (const other of this.#list.children) other.tabIndex = other === row ? 0 : -1;
  }
}
