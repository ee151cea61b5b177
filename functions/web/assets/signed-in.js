// The views of somebody who is signed in. They stay alive while the other one is
// on the page, so going back and forth loses nothing.

import { Claims } from "./claims.js";
import { stage } from "./stage.js";
import { TodoList } from "./todo-list.js";

export class SignedIn {
  #account;
  #todos;
  #claims;

  constructor(session, { todos, drafts, account }) {
    this.user = session.user;
    this.#account = account;
    this.#todos = new TodoList({ todos, drafts });
    this.#claims = new Claims(session);
  }

  // To the view that the address names.
  go({ focus = false } = {}) {
    const claims = location.hash === "#claims";
    const view = claims ? this.#claims : this.#todos;
    this.#account.current(claims ? "#claims" : "#todos");
    stage(view.element, view.title, { focus });
  }

  refresh(session) {
    this.user = session.user;
    this.#claims.show(session);
  }
}
