// The form that edits a description in place. It keeps its text until the API has saved it or the
// user cancels.

import { fromTemplate, part, slot } from "./elements.js";
import { Field } from "./field.js";

export class TodoEditor {
  #field;
  #save;

  // `base` is the description the edit began with; `keep` is called with each change.
  constructor({ text, keep, save, cancel }) {
    this.element = fromTemplate("todo-editor");
    this.#save = part(this.element, "todo-save");
    this.#field = new Field({
      label: "Description",
      test: "todo-edit-input",
      onInput: keep,
      onEnter: () => this.element.requestSubmit(),
    });
    this.#field.text = text;
    slot(this.element, "field").replaceWith(this.#field.element);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.busy) return;
      const accepted = this.#field.accepted();
      if (accepted !== null) save(accepted);
    });
    const leave = () => this.busy || cancel();
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) leave();
    });
    part(this.element, "todo-cancel").addEventListener("click", leave);
  }

  get text() {
    return this.#field.text;
  }

  get busy() {
    return this.#save.getAttribute("aria-disabled") === "true";
  }

  // While it is being saved, the text can be read and selected.
  set busy(busy) {
    this.#save.setAttribute("aria-disabled", String(busy));
    this.#save.textContent = busy ? "Saving…" : "Save";
    this.#field.input.readOnly = busy;
  }

  fault(sentence) {
    this.#field.fault(sentence);
    this.focus();
  }

  focus() {
    const { input } = this.#field;
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  }
}
