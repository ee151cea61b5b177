// The list of todos: pages of rows below the form for a new one.

import { announce } from "./announce.js";
import { fromTemplate, part } from "./elements.js";
import { NewTodo } from "./new-todo.js";
import { Notices } from "./notices.js";
import { Pages } from "./pages.js";
import { TodoRow } from "./todo-row.js";
import { TodoRows } from "./todo-rows.js";
import { entryOf } from "./todos.js";
import { Trouble } from "./trouble.js";

export class TodoList {
  title = "Todos";

  #todos;
  #drafts;
  #pages;
  #rows;
  #notices;
  #trouble;
  #newTodo;
  #loaded = false;

  constructor({ todos, drafts }) {
    this.#todos = todos;
    this.#drafts = drafts;
    this.#pages = new Pages((cursor) => todos.page(cursor));
    this.element = fromTemplate("todos");
    this.#rows = new TodoRows(this.element.querySelector(".todo-list"), (todo) => this.#row(todo));
    this.#notices = new Notices(this.element.querySelector(".notices"));
    this.#trouble = new Trouble(this.element.querySelector(".list-trouble"));
    this.#newTodo = new NewTodo(this.element.querySelector(".new-todo"), this.element.querySelector(".pending-list"), {
      todos,
      drafts,
      onAdded: (todo) => this.#added(todo),
    });
    part(this.element, "load-more").addEventListener("click", () => this.#loadMore());
    this.#load();
  }

  async #load() {
    this.#loaded = false;
    this.#draw();
    await this.#reading(async () => {
      await this.#pages.reload();
      this.#loaded = true;
      this.#draw();
      await this.#findEdits();
    }, () => this.#load());
  }

  async #loadMore() {
    const button = part(this.element, "load-more");
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Loading…";
    await this.#reading(async () => {
      const added = await this.#pages.load();
      this.#draw();
      announce(`${added.length} more loaded`);
      if (added.length > 0) this.#rows.get(added[0].id).focus();
    }, () => this.#loadMore());
    button.removeAttribute("aria-disabled");
    button.textContent = "Load more";
  }

  async #reading(action, again) {
    this.#trouble.clear();
    try {
      await action();
    } catch (failure) {
      if (failure.kind === "ended" || failure.kind === "superseded") return;
      // A cursor can outlive its use: then only the beginning can be asked for.
      if (failure.status === 400 && this.#pages.more) return this.#load();
      this.#draw({ failed: true });
      this.#trouble.show(failure, again, { unattended: true });
    }
  }

  // Edits that an earlier page left, of todos that are not on the first page.
  async #findEdits() {
    for (const [id, { text }] of Object.entries(this.#drafts.edits)) {
      if (this.#rows.has(id)) continue;
      try {
        this.#pages.put(await this.#todos.one(id));
        this.#draw();
      } catch (failure) {
        if (failure.kind !== "gone") throw failure;
        this.#lostEdit(id, text);
      }
    }
  }

  #added(todo) {
    this.#pages.put(todo);
    this.#draw();
    announce(`Added: ${todo.description}`);
    if (document.activeElement === document.getElementById("main")) this.#rows.get(todo.id).focus();
  }

  #changed(todo) {
    this.#pages.put(todo);
    this.#draw();
  }

  #removed({ todo }) {
    this.#drop(todo.id);
    this.#notices.show(`Deleted “${shortened(todo.description)}”.`, {
      about: "deleted",
      action: "Undo",
      run: () => this.#newTodo.add(entryOf(todo)),
    });
  }

  #gone({ todo }, text) {
    this.#drop(todo.id);
    if (text !== null && text !== todo.description) this.#lostEdit(todo.id, text);
    else this.#notices.show(`“${shortened(todo.description)}” was already deleted somewhere else.`, { about: todo.id });
  }

  #lostEdit(id, text) {
    const drop = () => this.#drafts.dropEdit(id);
    this.#notices.show(`The todo you were editing was deleted somewhere else. Your text is kept here: “${text}”`, {
      about: id,
      action: "Add as new todo",
      run: () => {
        drop();
        this.#newTodo.add({ text: text.trim() });
      },
      dismissed: drop,
    });
  }

  // The focus goes on to the row that takes the place, unless it is elsewhere.
  #drop(id) {
    const { element } = this.#rows.get(id);
    const focused = element.contains(document.activeElement) || document.activeElement === document.body;
    const next = element.nextElementSibling ?? element.previousElementSibling;
    this.#pages.drop(id);
    this.#draw();
    if (focused && next) next.focus();
    else if (focused) this.#newTodo.focus();
    if (this.#pages.items.length === 0 && this.#pages.more) this.#loadMore();
  }

  #draw({ failed = false } = {}) {
    const { items, more } = this.#pages;
    this.#rows.show(items);
    const open = items.filter((todo) => !todo.completed).length;
    part(this.element, "count").textContent = items.length ? `${items.length} ${items.length === 1 ? "todo" : "todos"}${more ? " shown" : ""}, ${open} open` : "";
    part(this.element, "skeleton").hidden = this.#loaded || failed;
    part(this.element, "empty").hidden = !this.#loaded || items.length > 0 || more;
    part(this.element, "load-more").parentElement.hidden = !more;
    this.element.setAttribute("aria-busy", String(!this.#loaded && !failed));
  }

  #row(todo) {
    return new TodoRow(todo, {
      todos: this.#todos,
      drafts: this.#drafts,
      events: {
        changed: (todo) => this.#changed(todo),
        removed: (row) => this.#removed(row),
        gone: (row, text) => this.#gone(row, text),
      },
    });
  }
}

function shortened(text) {
  const characters = [...text];
  return characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : text;
}
