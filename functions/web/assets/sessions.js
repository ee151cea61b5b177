// Where the user is signed in. Each session can be ended, and all others together.

import { announce } from "./announce.js";
import { described } from "./device-name.js";
import { fromTemplate, part, slot } from "./elements.js";
import { distance, full } from "./time.js";
import { Trouble } from "./trouble.js";

export class Sessions {
  title = "Sessions";

  #ownSessions;
  #list;
  #rows = [];
  #others;
  #trouble;
  #loading = false;

  constructor(ownSessions) {
    this.#ownSessions = ownSessions;
    this.element = fromTemplate("sessions");
    this.#list = part(this.element, "sessions");
    this.#others = part(this.element, "end-others");
    this.#trouble = new Trouble(this.element.querySelector(".list-trouble"));
    part(this.element, "end-others-confirm").addEventListener("click", () => this.#endOthers());
    part(this.element, "end-others-cancel").addEventListener("click", () => this.#closeOthers());
  }

  // Loads the list each time that the view opens: other browsers change it.
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
    this.#rows = sessions.map((session) => this.#row(session));
    this.#list.replaceChildren(...this.#rows.map(({ element }) => element));
    this.#list.hidden = false;
    this.#count();
    if (focused) this.#focus(this.#rows.find(({ session }) => session.id === focused));
  }

  #count() {
    const count = this.#rows.length;
    part(this.element, "session-count").textContent = count === 1 ? "Only this one" : `${count} sessions`;
    this.#others.hidden = count < 2;
    this.#others.querySelector("p").textContent =
      count === 2 ? "This ends the other session." : `This ends the ${count - 1} other sessions.`;
  }

  #row(session) {
    const element = fromTemplate("session");
    const { name, place, created, seen } = described(session);
    const row = { session, element, name, button: part(element, "session-end"), trouble: new Trouble(slot(element)) };
    element.dataset.id = session.id;
    part(element, "session-device").textContent = name;
    part(element, "session-current").hidden = !session.current;
    element.querySelector(".session-since").append("Signed in ", moment(created), place && ` from ${place}`);
    const used = element.querySelector(".session-used");
    used.hidden = session.current || !seen;
    if (seen) used.append("Last used ", moment(seen, distance));
    row.button.textContent = session.current ? "Sign out here" : "End";
    if (!session.current) row.button.setAttribute("aria-label", `End the session: ${name}, signed in ${full(created)}`);
    row.button.addEventListener("click", () => this.#end(row));
    return row;
  }

  async #end(row) {
    if (row.button.getAttribute("aria-disabled") === "true") return;
    row.button.setAttribute("aria-disabled", "true");
    row.trouble.clear();
    const place = this.#rows.indexOf(row);
    await this.#ownSessions.endAll([row.session], (_, failure) => {
      row.button.removeAttribute("aria-disabled");
      if (failure) return this.#failed(row, failure);
      this.#remove(row);
      announce(`Session ended: ${row.name}`);
      // The button that had the focus is gone: the row that takes its place has one.
      if (document.activeElement === document.body) this.#focus(this.#rows[place] ?? this.#rows.at(-1));
    });
  }

  async #endOthers() {
    const others = this.#rows.filter(({ session }) => !session.current);
    const result = part(this.element, "end-others-result");
    let ended = 0;
    this.#closeOthers();
    result.textContent = "Signing out…";
    for (const { trouble } of others) trouble.clear();
    await this.#ownSessions.endAll(others.map(({ session }) => session), (session, failure) => {
      const row = others.find((row) => row.session === session);
      if (failure) return this.#failed(row, failure);
      this.#remove(row);
      ended += 1;
    });
    result.textContent =
      ended === others.length ? "You are signed out everywhere else." : `${ended} of ${others.length} sessions ended.`;
    if (this.#others.hidden) this.#focus();
  }

  #failed(row, failure) {
    if (failure.kind !== "ended") row.trouble.show(failure, () => this.#end(row));
  }

  #remove(row) {
    row.element.remove();
    this.#rows = this.#rows.filter((other) => other !== row);
    this.#count();
  }

  #closeOthers() {
    this.#others.open = false;
    this.#others.querySelector("summary").focus();
  }

  #focus(row) {
    (row?.button ?? this.element.querySelector("h1")).focus();
  }
}

function moment(date, words = full) {
  const time = document.createElement("time");
  time.dateTime = date.toISOString();
  time.textContent = words(date);
  return time;
}
