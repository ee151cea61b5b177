// An error message where the error happened, with a retry button. The button is disabled for as
// long as the server asked. If another sign-in is needed, it has a link to it.

import { fromTemplate, part } from "./elements.js";

export class Trouble {
  #slot;
  #timer = 0;
  #shown = new AbortController();

  constructor(slot) {
    this.#slot = slot;
  }

  // `unattended`: retries when the browser is back online; always true for connection errors.
  show(failure, retry, { sentence = failure.sentence, unattended = failure.kind === "offline" } = {}) {
    this.clear();
    const box = fromTemplate("trouble");
    part(box, "error").textContent = sentence;
    const button = part(box, "retry");
    const link = part(box, "sign-in-again");
    const way = failure.way?.(location.pathname + location.hash);
    if (way) link.href = way;
    else link.remove();
    const again = () => {
      this.clear();
      retry();
    };
    if (retry && failure.retryable) {
      button.addEventListener("click", again);
      this.#wait(button, Date.now() + failure.retryAfter * 1000);
      if (unattended) globalThis.addEventListener("online", again, { signal: this.#shown.signal });
    } else {
      button.remove();
    }
    this.#slot.replaceChildren(box);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#shown.abort();
    this.#shown = new AbortController();
    this.#slot.replaceChildren();
  }

  #wait(button, until) {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    button.disabled = seconds > 0;
    button.textContent = seconds > 0 ? `Try again in ${seconds} s` : "Try again";
    if (seconds > 0) this.#timer = setTimeout(() => this.#wait(button, until), 1000);
  }
}
