// A failure where it happened, with a way to try again. The button waits as long
// as the server asked for. What needs another sign-in first gets a link to it.

import { fromTemplate, part } from "./elements.js";

export class Trouble {
  #slot;
  #timer = 0;
  #shown = new AbortController();

  constructor(slot) {
    this.#slot = slot;
  }

  // `unattended`: once back online it is tried again without being asked, as after each failure
  // for want of a connection.
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
