// The user in the page's header, with the menu of their account.

import { fromTemplate, part, slot } from "./elements.js";

export class Account {
  #slot = document.getElementById("account");

  show(user, { onSignOut }) {
    const account = fromTemplate("account");
    const name = user.name || user.username || user.email || "Signed in";
    const email = user.email || user.username || "";
    slot(account, "menu").replaceWith(menu(name, email));
    account.querySelector("form").addEventListener("submit", onSignOut);
    this.#slot.replaceChildren(account);
  }

  clear() {
    this.#slot.replaceChildren();
  }
}

// The browser opens and closes the panel: by the button, Escape and a click elsewhere.
function menu(name, email) {
  const menu = fromTemplate("menu");
  const [button, panel] = menu.children;
  part(button, "user-name").textContent = name;
  button.querySelector(".initials").textContent = initials(name);
  panel.querySelector("strong").textContent = name;
  part(panel, "user-email").textContent = email === name ? "" : email;
  panel.addEventListener("beforetoggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    for (const link of panel.querySelectorAll("a")) link.setAttribute("aria-current", String(link.hash === location.hash));
  });
  panel.addEventListener("click", ({ target }) => target.closest("a") && panel.hidePopover());
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    panel.showPopover({ source: button });
    const links = [...panel.querySelectorAll("a")];
    const place = links.indexOf(document.activeElement) + step;
    links.at(Math.min(Math.max(place, 0), links.length - 1)).focus();
  });
  return menu;
}

function initials(name) {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  const picked = words.length > 1 && !name.includes("@") ? [words[0], words.at(-1)] : words.slice(0, 1);
  return picked.map((word) => [...word][0].toUpperCase()).join("");
}
