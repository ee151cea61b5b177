// The form for a new todo, and the todos that are not confirmed yet. The field is empty as soon as
// a todo is sent. A todo that fails returns to it, or stays below it if the field has new text.

import { Field } from "./field.js";
import { Outbox } from "./outbox.js";
import { PendingTodo } from "./pending-todo.js";
import { Trouble } from "./trouble.js";
import { slot } from "./elements.js";

export class NewTodo {
  #drafts;
  #outbox;
  #field;
  #trouble;
  #pendingList;
  #onAdded;

  constructor(form, pendingList, { todos, drafts, onAdded }) {
    this.#drafts = drafts;
    this.#outbox = new Outbox(todos, drafts);
    this.#pendingList = pendingList;
    this.#onAdded = onAdded;
    this.#trouble = new Trouble(slot(form));
    this.#field = new Field({
      label: "What needs to be done?",
      placeholder: "What needs to be done?",
      test: "new-todo",
      onInput: (text) => {
        this.#trouble.clear();
        drafts.box = { text };
      },
      onEnter: () => form.requestSubmit(),
    });
    slot(form, "field").replaceWith(this.#field.element);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.text = drafts.box.text;
    for (const entry of this.#outbox.left) this.#cameBack(entry, null);
  }

  focus() {
    this.#field.input.focus();
  }

  // Adds a todo with this text.
  add({ text, key = crypto.randomUUID() }) {
    return this.#send({ text, key });
  }

  #submit() {
    const text = this.#field.accepted();
    if (text === null) return;
    const { key } = this.#drafts.box;
    this.#trouble.clear();
    this.#field.text = "";
    this.#drafts.box = { text: "" };
    this.focus();
    this.add({ text, key });
  }

  async #send(entry, pending = this.#pend(entry)) {
    pending.sending();
    try {
      const todo = await this.#outbox.post(entry);
      this.#drop(pending);
      this.#onAdded(todo);
    } catch (failure) {
      this.#cameBack(entry, failure, pending);
    }
  }

  // Without a failure: an earlier page sent it and didn't get the response. Its idempotency key
  // makes a retry safe.
  #cameBack(entry, failure, pending = this.#pend(entry)) {
    const retry = () => this.#send(entry, pending);
    if (this.#field.text !== "") {
      pending.failed(failure, retry, () => {
        this.#outbox.takeBack(entry);
        this.#drop(pending);
      });
      return;
    }
    this.#drop(pending);
    this.#outbox.takeBack(entry);
    this.#field.text = entry.text;
    this.#drafts.box = { text: entry.text, key: entry.key };
    if (failure?.fields.description) this.#field.fault(failure.fields.description);
    else if (failure && failure.kind !== "ended") this.#trouble.show(failure, () => this.#submit());
  }

  #pend(entry) {
    const pending = new PendingTodo(entry.text);
    this.#pendingList.prepend(pending.element);
    this.#pendingList.hidden = false;
    return pending;
  }

  #drop(pending) {
    pending.element.remove();
    this.#pendingList.hidden = this.#pendingList.children.length === 0;
  }
}
