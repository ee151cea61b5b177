// The claims of the ID token.

import { fromTemplate, part } from "./elements.js";
import { explained } from "./claim-names.js";
import { distance, full } from "./time.js";

export class Claims {
  title = "ID token";

  #body;
  #expiry;

  constructor() {
    this.element = fromTemplate("claims");
    this.#body = this.element.querySelector("tbody");
    this.#expiry = part(this.element, "expiry");
  }

  show({ claims, expires_at }) {
    this.#body.replaceChildren(...explained(claims).map(row));
    const expiry = expires_at ? new Date(expires_at) : null;
    this.#expiry.hidden = !expiry || Number.isNaN(expiry.getTime());
    if (this.#expiry.hidden) return;
    this.#expiry.textContent = `Your session ends at ${full(expiry)} if you don't use it before then.`;
  }
}

function row({ name, value, meaning, instant }) {
  const row = fromTemplate("claim");
  row.dataset.name = name;
  row.querySelector("code").textContent = name;
  const cell = row.querySelector(".claim-value");
  cell.textContent = value;
  if (instant) cell.append(moment(instant));
  row.querySelector(".claim-meaning").textContent = meaning;
  return row;
}

function moment(instant) {
  const time = document.createElement("time");
  time.dateTime = instant.toISOString();
  time.textContent = `${full(instant)} (${distance(instant)})`;
  return time;
}
