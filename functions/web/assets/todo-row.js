// One todo on the page: toggle, edit and delete.

import { announce } from "./announce.js";
import { fromTemplate, part, slot } from "./elements.js";
import { Failure } from "./failure.js";
import { TodoEditor } from "./todo-editor.js";
import { paint } from "./todo-face.js";
import { TodoRecord } from "./todo-record.js";
import { Trouble } from "./trouble.js";

const THEIRS = "This todo was changed somewhere else. This is the new version. Nothing was overwritten.";
const YOURS_OR_THEIRS =
  "This todo was changed somewhere else. The new version is above, your text below. Save to replace the new version, or cancel to keep it.";

export class TodoRow {
  #record;
  #drafts;
  #trouble;
  #events;
  #editor = null;
  #opener = null;
  #removing = null;

  // events: `changed(todo)`, `remove(row)` by the user, `gone(row, text)`: deleted elsewhere
  constructor(todo, { todos, drafts, events }) {
    this.#record = new TodoRecord(todo, todos);
    this.#drafts = drafts;
    this.#events = events;
    this.element = fromTemplate("todo");
    this.#trouble = new Trouble(slot(this.element));
    this.element.dataset.id = todo.id;
    this.#on("todo-toggle", "change", () => this.#toggle());
    this.#on("todo-edit", "click", () => this.edit());
    this.#on("todo-delete", "click", () => events.remove(this));
    this.#on("todo-text", "dblclick", () => this.edit());
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.#paint();
    const draft = drafts.edits[todo.id];
    if (draft) this.#resume(draft);
  }

  get todo() {
    return this.#record.todo;
  }

  get editing() {
    return this.#editor !== null;
  }

  focus() {
    this.element.focus();
  }

  // Takes a newer version. An open editor reports it as a conflict when it saves.
  update(todo) {
    if (this.#editor) return;
    this.#record.update(todo);
    this.#paint();
  }

  edit() {
    if (this.#editor) return;
    const opener = document.activeElement === this.element ? this.element : undefined;
    this.#open(this.todo.description, this.todo.description, opener);
    this.#editor.focus();
  }

  async #toggle() {
    const completed = part(this.element, "todo-toggle").checked;
    await this.#attempt(async () => {
      const done = this.#record.complete(completed);
      this.#paint();
      await done;
      announce(this.todo.completed ? "Completed" : "Open again");
      this.#events.changed(this.todo);
    }, () => {
      part(this.element, "todo-toggle").checked = completed;
      this.#toggle();
    });
  }

  // Calls the API. True if the todo is deleted, also if that happened elsewhere. Concurrent callers
  // share one request.
  remove() {
    this.#removing ??= this.#remove().finally(() => {
      this.#removing = null;
    });
    return this.#removing;
  }

  async #remove() {
    this.#trouble.clear();
    try {
      await this.#record.remove();
    } catch (failure) {
      if (failure.kind !== "gone") {
        this.#failed(failure, () => this.#events.remove(this));
        this.#paint();
        return false;
      }
    }
    this.#drafts.dropEdit(this.todo.id);
    return true;
  }

  // While the row itself has the focus.
  #key(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {
      " ": () => part(this.element, "todo-toggle").click(),
      Enter: () => this.edit(),
      Delete: () => this.#events.remove(this),
    };
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
  }

  async #save(description) {
    if (description === this.todo.description) return this.#close();
    this.#editor.busy = true;
    const saved = await this.#attempt(async () => {
      await this.#record.describe(description);
      announce("Saved");
      this.#events.changed(this.todo);
    }, () => this.#save(description));
    this.#editor.busy = false;
    if (saved) this.#close();
  }

  #resume({ text, base }) {
    this.#open(text, base);
    if (base !== this.todo.description) this.#conflict();
  }

  // `opener` gets the focus back.
  #open(text, base, opener = part(this.element, "todo-edit")) {
    const keep = (text) => {
      this.#trouble.clear();
      this.#drafts.keepEdit(this.todo.id, { text, base });
    };
    this.#opener = opener;
    this.#editor = new TodoEditor({ text, keep, save: (text) => this.#save(text), cancel: () => this.#close() });
    this.element.classList.add("editing");
    this.element.querySelector(".todo-line").after(this.#editor.element);
  }

  #close() {
    this.#drafts.dropEdit(this.todo.id);
    this.#trouble.clear();
    this.#editor.element.remove();
    this.#editor = null;
    this.element.classList.remove("editing", "conflicted");
    this.#opener.focus();
  }

  // True if it succeeded. `again` is the retry.
  async #attempt(action, again) {
    this.#trouble.clear();
    try {
      await action();
      return true;
    } catch (failure) {
      this.#failed(failure, again);
      return false;
    } finally {
      this.#paint();
    }
  }

  #failed(failure, again) {
    const fault = failure.fields?.description;
    if (failure.kind === "ended") return;
    if (failure.kind === "gone") this.#events.gone(this, this.#editor?.text ?? null);
    else if (failure.kind === "conflict") this.#conflict();
    else if (fault && this.#editor) this.#editor.fault(fault);
    else this.#trouble.show(failure, again);
  }

  #conflict() {
    this.element.classList.add("conflicted");
    this.#events.changed(this.todo);
    this.#trouble.show(new Failure("conflict"), null, { sentence: this.#editor ? YOURS_OR_THEIRS : THEIRS });
  }

  #paint() {
    paint(this.element, this.todo, this.#record.completed);
  }

  #on(name, event, listener) {
    part(this.element, name).addEventListener(event, listener);
  }
}
