// Where somebody is signed in, and ending each of it.

import { announce } from "./announce.js";
import { described } from "./device-name.js";
import { fromTemplate, part } from "./elements.js";
import { distance, full } from "./time.js";
import { Trouble } from "./trouble.js";

export class Sessions {
  title = "Sessions";

  #ownSessions;
  #list;
  #trouble;
  #loading = false;

  constructor(ownSessions) {
    this.#ownSessions = ownSessions;
    this.element = fromTemplate("sessions");
    this.#list = part(this.element, "sessions");
    this.#trouble = new Trouble(this.element.querySelector(".list-trouble"));
  }

  // Each time somebody looks: it can have changed anywhere.
  async show() {
    if (this.#loading) return;
    this.#loading = true;
    this.#trouble.clear();
    this.element.setAttribute("aria-busy", "true");
    try {
      this.#draw(await this.#ownSessions.list());
    } catch (failure) {
      if (failure.kind !== "ended") this.#trouble.show(failure, () => this.show(), { unattended: true });
    } finally {
      this.#loading = false;
      part(this.element, "sessions-skeleton").hidden = true;
      this.element.removeAttribute("aria-busy");
    }
  }

  #draw(sessions) {
    const focused = document.activeElement?.closest("[data-test=session]")?.dataset.id;
    this.#list.replaceChildren(...sessions.map((session) => this.#row(session)));
    this.#list.hidden = false;
    this.#count();
    if (!focused) return;
    const again = [...this.#list.children].find((row) => row.dataset.id === focused);
    (again ? part(again, "session-end") : this.element.querySelector("h1")).focus();
  }

  #count() {
    const count = this.#list.children.length;
    part(this.element, "session-count").textContent = count === 1 ? "Only this one" : `${count} sessions`;
  }

  #row(session) {
    const row = fromTemplate("session");
    const { name, where, created, seen } = described(session);
    row.dataset.id = session.id;
    part(row, "session-device").textContent = name;
    part(row, "session-current").hidden = !session.current;
    const since = row.querySelector(".session-since");
    since.append(where ? `${where} · ` : "", "signed in ", moment(created));
    const used = row.querySelector(".session-used");
    used.hidden = session.current || !seen;
    if (seen) used.append("Last used ", moment(seen, distance));
    const button = part(row, "session-end");
    button.textContent = session.current ? "Sign out here" : "End";
    button.setAttribute("aria-label", session.current ? "Sign out here" : `End the session: ${name}, signed in ${full(created)}`);
    const trouble = new Trouble(row.querySelector(".trouble-slot"));
    button.addEventListener("click", () => this.#end(session, { row, button, trouble, name }));
    return row;
  }

  async #end(session, { row, button, trouble, name }) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    trouble.clear();
    try {
      await this.#ownSessions.end(session);
    } catch (failure) {
      button.removeAttribute("aria-disabled");
      if (failure.kind === "ended") return;
      trouble.show(failure, () => this.#end(session, { row, button, trouble, name }));
      return;
    }
    const focused = row.contains(document.activeElement);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#count();
    announce(`Session ended: ${name}`);
    // The button is gone: the focus goes to the row that takes its place.
    if (focused) (next ? part(next, "session-end") : this.element.querySelector("h1")).focus();
  }
}

function moment(date, words = full) {
  const time = document.createElement("time");
  time.dateTime = date.toISOString();
  time.textContent = words(date);
  return time;
}
