// Things to know that are not tied to anything on the page any more, with one
// thing to do about each. They stay until they are dismissed, or for a time.

import { fromTemplate, part } from "./elements.js";
import { announce } from "./announce.js";

export class Notices {
  #list;

  constructor(list) {
    this.#list = list;
  }

  // `about` makes a later notice take the place of an earlier one. After `seconds` it goes, unless
  // somebody points at it or has the focus in it.
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
      button.addEventListener("click", () => {
        remove(notice);
        run();
      });
    } else {
      button.remove();
    }
    part(notice, "notice-dismiss").addEventListener("click", close);
    if (about) this.forget(about);
    notice.dataset.about = about;
    this.#list.append(notice);
    announce(sentence);
  }

  // The action of the latest one.
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

// The focus was on a button of the notice: the page's content takes it.
function remove(notice) {
  notice.remove();
  document.getElementById("main").focus({ preventScroll: true });
}
