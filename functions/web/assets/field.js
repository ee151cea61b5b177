// A text field for a description: grows with its text, counts near the limit,
// ties its error to the input. Enter saves, Shift+Enter starts a new line.

import { fromTemplate, named } from "./elements.js";
import { LONGEST, judge } from "./description.js";

export class Field {
  #label;
  #counter;
  #error;

  constructor({ label, placeholder = "", test, onInput, onEnter }) {
    this.element = fromTemplate("field");
    [this.#label, this.input, this.#counter, this.#error] = this.element.children;
    const keys = this.element.querySelector(".field-keys");
    keys.textContent = "Enter saves. Shift+Enter starts a new line.";
    this.#label.textContent = label;
    this.#label.htmlFor = named(this.input);
    this.input.placeholder = placeholder;
    this.input.dataset.test = test;
    this.input.setAttribute("aria-describedby", [this.#error, this.#counter, keys].map(named).join(" "));
    this.input.addEventListener("input", () => {
      this.fault(null);
      this.#measure();
      onInput(this.input.value);
    });
    this.input.addEventListener("focus", () => this.#measure());
    this.input.addEventListener("keydown", (event) => {
      // Enter ends the composition of a character (IME).
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        onEnter();
      }
    });
  }

  get text() {
    return this.input.value;
  }

  set text(text) {
    this.input.value = text;
    this.fault(null);
    this.#measure();
  }

  // The trimmed text, or null after showing its error.
  accepted() {
    const { trimmed, fault } = judge(this.text);
    if (!fault) return trimmed;
    this.fault(fault);
    this.input.focus();
    return null;
  }

  fault(sentence) {
    this.#error.hidden = !sentence;
    this.#error.textContent = sentence ?? "";
    if (sentence) {
      this.#error.dataset.test = "error";
      this.input.setAttribute("aria-invalid", "true");
    } else {
      delete this.#error.dataset.test;
      this.input.removeAttribute("aria-invalid");
    }
  }

  #measure() {
    const { length, near } = judge(this.text);
    this.#counter.hidden = !near;
    this.#counter.textContent = near ? `${length} of ${LONGEST} characters` : "";
    this.#counter.classList.toggle("over", length > LONGEST);
    // For browsers whose style sheets can't make the field grow with its text.
    if (CSS.supports("field-sizing", "content")) return;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }
}
