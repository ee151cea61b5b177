// Who is signed in, the ways around, and out.

import { fromTemplate, part, slot } from "./elements.js";

export class Account {
  #slot = document.getElementById("account");

  show(user, { onSignOut }) {
    const account = fromTemplate("account");
    slot(account, "person").replaceWith(fromTemplate("person"));
    const name = user.name || user.username || user.email || "Signed in";
    const email = user.email || user.username || "";
    part(account, "user-name").textContent = name;
    part(account, "user-email").textContent = email === name ? "" : email;
    account.querySelector(".initials").textContent = initials(name);
    account.querySelector("form").addEventListener("submit", onSignOut);
    this.#slot.replaceChildren(account);
  }

  clear() {
    this.#slot.replaceChildren();
  }

  // Marks the view that is on the page.
  current(hash) {
    for (const link of this.#slot.querySelectorAll("nav a")) {
      if (link.hash === hash) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}

function initials(name) {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  const picked = words.length > 1 && !name.includes("@") ? [words[0], words.at(-1)] : words.slice(0, 1);
  return picked.map((word) => [...word][0].toUpperCase()).join("");
}
