// A new todo that the API has not confirmed yet.

import { fromTemplate, part, slot } from "./elements.js";
import { Failure } from "./failure.js";
import { Trouble } from "./trouble.js";

export class PendingTodo {
  #state;
  #discard;
  #trouble;
  #onDiscard = () => {};

  constructor(text) {
    this.element = fromTemplate("pending-todo");
    this.element.querySelector(".todo-text").textContent = text;
    this.#state = this.element.querySelector(".todo-time");
    this.#trouble = new Trouble(slot(this.element));
    this.#discard = part(this.element, "discard");
    this.#discard.addEventListener("click", () => this.#onDiscard());
  }

  sending() {
    this.#trouble.clear();
    this.element.classList.add("sending");
    this.#state.textContent = "Adding…";
    this.#discard.hidden = true;
  }

  failed(failure, retry, onDiscard) {
    this.element.classList.remove("sending");
    this.#state.textContent = "Not added";
    this.#discard.hidden = false;
    this.#onDiscard = onDiscard;
    this.#trouble.show(failure ?? new Failure("failed"), retry, {
      sentence: failure?.sentence ?? "This may not have been added. Trying again can't add it twice.",
    });
  }
}
