// Messages that belong to no other part of the page, each with at most one action. They stay until
// they are dismissed, or for a time.

import { fromTemplate, part } from "./elements.js";
import { announce } from "./announce.js";

export class Notices {
  #list;

  constructor(list) {
    this.#list = list;
  }

  // `about`: a later notice about the same thing replaces an earlier one. `seconds`: it closes after
  // that time, unless the pointer or the focus is in it.
  show(sentence, { about = "", action = null, run = () => {}, dismissed = () => {}, seconds = 0 } = {}) {
    const notice = fromTemplate("notice");
    const held = () => notice.matches(":hover, :focus-within");
    const close = () => {
      if (!notice.isConnected) return;
      notice.remove();
      dismissed();
    };
    const wait = () => setTimeout(() => (held() ? wait() : close()), seconds * 1000);
    if (seconds) wait();
    notice.querySelector("p").textContent = sentence;
    const button = part(notice, "notice-action");
    if (action) {
      button.textContent = action;
      button.setAttribute("aria-label", `${action}: ${sentence}`);
      button.addEventListener("click", () => {
        remove(notice);
        run();
      });
    } else {
      button.remove();
    }
    const dismiss = part(notice, "notice-dismiss");
    dismiss.setAttribute("aria-label", `Dismiss: ${sentence}`);
    dismiss.addEventListener("click", close);
    if (about) this.forget(about);
    notice.dataset.about = about;
    this.#list.append(notice);
    announce(sentence);
  }

  // Runs the action of the latest notice.
  act() {
    const button = this.#list.lastElementChild?.querySelector("[data-test=notice-action]");
    button?.click();
  }

  clear() {
    this.#list.replaceChildren();
  }

  forget(about) {
    for (const notice of [...this.#list.children]) if (notice.dataset.about === about) notice.remove();
  }
}

// The focus was on a button of the notice: moves it to the page's content.
function remove(notice) {
  notice.remove();
  document.getElementById("main").focus({ preventScroll: true });
}
