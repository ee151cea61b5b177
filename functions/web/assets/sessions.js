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
  #result;
  #trouble;
  #loading = null;
  // How many calls that end sessions are running, and have begun.
  #ending = 0;
  #begun = 0;

  constructor(ownSessions) {
    this.#ownSessions = ownSessions;
    this.element = fromTemplate("sessions");
    this.#list = part(this.element, "sessions");
    this.#others = part(this.element, "end-others");
    this.#result = part(this.element, "end-others-result");
    this.#trouble = new Trouble(this.element.querySelector(".list-trouble"));
    part(this.element, "end-others-confirm").addEventListener("click", () => this.#endOthers());
    part(this.element, "end-others-cancel").addEventListener("click", () => this.#closeOthers());
  }

  // Loads the list each time that the view opens: other browsers change it. It stays while sessions
  // are being ended, because each row shows what came of its own. True if the list is loaded.
  show() {
    if (this.#ending) return false;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load() {
    const begun = this.#begun;
    this.#result.textContent = "";
    this.#trouble.clear();
    this.element.setAttribute("aria-busy", "true");
    try {
      const sessions = await this.#ownSessions.list();
      if (begun !== this.#begun) return false;
      this.#draw(sessions);
      return true;
    } catch (failure) {
      if (failure.kind !== "ended") this.#trouble.show(failure, () => this.show(), { unattended: true });
      return false;
    } finally {
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
    const place = this.#rows.indexOf(row);
    if ((await this.#endAll([row])) === 0) return row.button.removeAttribute("aria-disabled");
    announce(`Session ended: ${row.name}`);
    // The button that had the focus is gone: the row that takes its place has one.
    if (document.activeElement === document.body) this.#focus(this.#rows[place] ?? this.#rows.at(-1));
  }

  async #endOthers() {
    const own = this.#rows[0].session.id;
    this.#closeOthers();
    // The user may have signed in elsewhere since then, or another user in this browser.
    if (!(await this.show()) || this.#rows[0]?.session.id !== own) return;
    this.#result.textContent = "Signing out…";
    const others = this.#rows.filter(({ session }) => !session.current);
    const ended = await this.#endAll(others);
    const result =
      ended === others.length ? "You are signed out everywhere else." : `${ended} of ${others.length} sessions ended.`;
    this.#result.textContent = result;
    announce(result);
    if (this.#others.hidden) this.#focus();
  }

  // Ends these sessions, removes their rows, and returns how many ended.
  async #endAll(rows) {
    this.#ending += 1;
    this.#begun += 1;
    let ended = 0;
    for (const { trouble } of rows) trouble.clear();
    await this.#ownSessions.endAll(rows.map(({ session }) => session), (session, failure) => {
      const row = rows.find((row) => row.session === session);
      if (failure) return this.#failed(row, failure);
      this.#remove(row);
      ended += 1;
    });
    this.#ending -= 1;
    return ended;
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
