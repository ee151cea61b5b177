// The list of todos, below the form for a new one.

import { announce } from "./announce.js";
import { fromTemplate, part } from "./elements.js";
import { NewTodo } from "./new-todo.js";
import { Notices } from "./notices.js";
import { Pages } from "./pages.js";
import { TodoRow } from "./todo-row.js";
import { TodoRows } from "./todo-rows.js";
import { Trouble } from "./trouble.js";

// How long a deletion can be undone.
const UNDO_SECONDS = 10;
// How long a deletion that was sent as a page closed may take.
const SETTLE_SECONDS = 3;

export class TodoList {
  title = "Todos";

  #todos;
  #drafts;
  #pages;
  #rows;
  #notices;
  #toasts;
  // Rows whose deletion is not sent yet.
  #leaving = new Set();
  #filter = "all";
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
    this.#toasts = new Notices(document.getElementById("toasts"));
    this.#trouble = new Trouble(this.element.querySelector(".list-trouble"));
    this.#newTodo = new NewTodo(this.element.querySelector(".new-todo"), this.element.querySelector(".pending-list"), {
      todos,
      drafts,
      onAdded: (todo) => this.#added(todo),
    });
    part(this.element, "load-more").addEventListener("click", () => this.#loadMore());
    part(this.element, "clear-completed").addEventListener("click", () => this.#clearCompleted());
    part(this.element, "show-keys").addEventListener("click", () => showKeys());
    this.element.querySelector(".filters").addEventListener("change", (event) => this.#show(event.target.value));
    this.element.querySelector(".todo-list").addEventListener("keydown", (event) => this.#key(event));
    this.#load();
  }

  // Loads the changes that were made elsewhere.
  async refresh() {
    if (!this.#loaded) return;
    try {
      await this.#pages.reload(this.#pages.items.length);
      this.#draw();
      await this.#findEdits();
    } catch {
      // The list stays as it was.
    }
  }

  get settled() {
    return this.#leaving.size === 0;
  }

  // Sends all deletions now: a page that closes sends nothing later.
  async settle() {
    this.#toasts.clear();
    await Promise.all([...this.#leaving].map((row) => this.#send([row])));
  }

  // Removes the notices, which name the user's todos.
  leave() {
    this.#toasts.clear();
  }

  // An earlier page sent its deletions as it closed. After a while, sends again those that did not arrive.
  async #finishDeletions() {
    // A todo that has changed since then stays: the user deleted another version.
    const rows = this.#drafts.deletions
      .filter(({ id, version }) => this.#rows.get(id)?.todo.version === version)
      .map(({ id }) => this.#rows.get(id))
      .filter((row) => !this.#leaving.has(row));
    this.#mark(rows, true);
    this.#draw();
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_SECONDS * 1000));
    await this.#pages.reload(this.#pages.items.length).catch(() => {});
    const left = rows.filter((row) => this.#pages.has(row.todo.id));
    this.#mark(rows.filter((row) => !left.includes(row)), false);
    await this.#send(left);
    this.#draw();
  }

  async #load() {
    this.#loaded = false;
    this.#draw();
    await this.#reading(async () => {
      await this.#pages.reload();
      this.#loaded = true;
      this.#rows.show(this.#pages.items, () => false);
      this.#finishDeletions();
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
      if (!this.#loaded && isWithoutTodos(failure)) return this.element.replaceChildren(fromTemplate("without-todos"));
      // The cursor has expired: starts from the first page.
      if (failure.status === 400 && this.#pages.more) return this.#load();
      this.#draw({ failed: true });
      this.#trouble.show(failure, again, { unattended: true });
    }
  }

  // Unsaved edits of todos that are not loaded or were deleted.
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

  // The API is called when the notice closes, so that Undo needs no new todo.
  #remove(rows) {
    const [{ todo }] = rows;
    this.#moveFocus(rows.at(-1).element);
    this.#mark(rows, true);
    this.#draw();
    const what = rows.length === 1 ? `“${shortened(todo.description)}”` : `${rows.length} todos`;
    this.#toasts.show(`Deleted ${what}.`, {
      action: "Undo",
      seconds: UNDO_SECONDS,
      run: () => this.#restore(rows),
      dismissed: () => this.#send(rows),
    });
  }

  // Marks rows as deleted, here and for the next page of this tab.
  #mark(rows, deleted) {
    for (const row of rows) deleted ? this.#leaving.add(row) : this.#leaving.delete(row);
    this.#drafts.deletions = [...this.#leaving].map((row) => row.todo);
  }

  #restore(rows) {
    this.#mark(rows, false);
    this.#draw();
    rows[0].focus();
    announce("Restored");
  }

  async #send(rows) {
    for (const row of rows) {
      if (!this.#leaving.has(row)) continue;
      const gone = await row.remove();
      this.#mark([row], false);
      if (gone) this.#pages.drop(row.todo.id);
      this.#draw();
    }
    if (this.#pages.items.length === 0 && this.#pages.more) await this.#loadMore();
  }

  #clearCompleted() {
    const rows = this.#pages.items.filter((todo) => todo.completed).map(({ id }) => this.#rows.get(id));
    this.#remove(rows.filter((row) => !this.#leaving.has(row)));
    // The button is gone.
    (this.element.querySelector(".todo-list .todo") ?? this.element.querySelector("h1")).focus();
  }

  #show(filter) {
    this.#filter = filter;
    const seen = this.#draw();
    announce(seen === 1 ? "1 todo" : `${seen} todos`);
  }

  #isSeen = (todo) =>
    !this.#leaving.has(this.#rows.get(todo.id)) &&
    (this.#filter === "all" || todo.completed === (this.#filter === "done") || this.#rows.get(todo.id).editing);

  #key(event) {
    const row = event.target.closest(".todo");
    if (event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {
      ArrowDown: () => row.nextElementSibling?.focus(),
      ArrowUp: () => row.previousElementSibling?.focus(),
      n: () => this.#newTodo.focus(),
      u: () => this.#toasts.act(),
      "?": () => showKeys(),
    };
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
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

  // Moves the focus to the next row, unless it is elsewhere.
  #drop(id) {
    this.#moveFocus(this.#rows.get(id).element);
    this.#pages.drop(id);
    this.#draw();
    if (this.#pages.items.length === 0 && this.#pages.more) this.#loadMore();
  }

  #moveFocus(element) {
    if (!element.contains(document.activeElement) && document.activeElement !== document.body) return;
    const next = element.nextElementSibling ?? element.previousElementSibling;
    if (next) next.focus();
    else this.#newTodo.focus();
  }

  // Returns how many todos are shown.
  #draw({ failed = false } = {}) {
    const { more } = this.#pages;
    const seen = this.#rows.show(this.#pages.items, this.#isSeen);
    const items = this.#pages.items.filter(({ id }) => !this.#leaving.has(this.#rows.get(id)));
    const open = items.filter((todo) => !todo.completed).length;
    part(this.element, "count").textContent = items.length ? `${items.length} ${items.length === 1 ? "todo" : "todos"}${more ? " shown" : ""}, ${open} open` : "";
    part(this.element, "skeleton").hidden = this.#loaded || failed;
    part(this.element, "empty").hidden = !this.#loaded || items.length > 0 || more;
    part(this.element, "load-more").parentElement.hidden = !more;
    part(this.element, "list-tools").hidden = items.length === 0;
    part(this.element, "clear-completed").hidden = open === items.length;
    const none = part(this.element, "none-match");
    none.hidden = seen > 0 || items.length === 0;
    none.textContent = this.#filter === "done" ? "No completed todos." : "No open todos.";
    this.element.setAttribute("aria-busy", String(!this.#loaded && !failed));
    return seen;
  }

  #row(todo) {
    return new TodoRow(todo, {
      todos: this.#todos,
      drafts: this.#drafts,
      events: {
        changed: (todo) => this.#changed(todo),
        remove: (row) => this.#remove([row]),
        gone: (row, text) => this.#gone(row, text),
      },
    });
  }
}

// The gate alone is deployed: no route leads to the list (`Todos` in template.yaml).
function isWithoutTodos({ kind, code }) {
  return kind === "gone" || code === "no_route_policy";
}

function showKeys() {
  const dialog = fromTemplate("keys");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function shortened(text) {
  const characters = [...text];
  return characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : text;
}
