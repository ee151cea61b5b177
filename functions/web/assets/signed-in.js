// The views of a signed-in user. They stay alive while another one is on the page, so that going
// back and forth loses nothing.

import { Claims } from "./claims.js";
import { Sessions } from "./sessions.js";
import { stage } from "./stage.js";
import { TodoList } from "./todo-list.js";

export class SignedIn {
  #todos;
  #claims;
  #sessions;
  #session;

  constructor(session, { todos, drafts, ownSessions }) {
    this.#session = session;
    this.#todos = new TodoList({ todos, drafts });
    this.#claims = new Claims(session);
    this.#sessions = new Sessions(ownSessions);
  }

  // To the view that the address names.
  go({ focus = false } = {}) {
    const views = { "#claims": this.#claims, "#sessions": this.#sessions };
    const view = Object.hasOwn(views, location.hash) ? views[location.hash] : this.#todos;
    stage(view.element, view.title, { focus });
    if (view === this.#sessions) view.show();
    // "5 minutes ago" was right when the page was opened.
    if (view === this.#claims) view.show(this.#session);
  }

  get user() {
    return this.#session.user;
  }

  // Whether the API knows of everything that was deleted.
  get settled() {
    return this.#todos.settled;
  }

  settle() {
    return this.#todos.settle();
  }

  leave() {
    this.#todos.leave();
  }

  refresh(session) {
    this.#session = session;
    this.#claims.show(session);
    this.#todos.refresh();
    if (location.hash === "#sessions") this.#sessions.show();
  }
}
