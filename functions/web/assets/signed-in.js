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
    this.#claims = new Claims();
    this.#sessions = new Sessions(ownSessions);
  }

  // To the view that the address names.
  go({ focus = false } = {}) {
    stage(this.#view.element, this.#view.title, { focus });
    this.#show();
  }

  get #view() {
    return { "#claims": this.#claims, "#sessions": this.#sessions }[location.hash] ?? this.#todos;
  }

  // Draws anew what changes with time and elsewhere. The list of todos does so by itself.
  #show() {
    if (this.#view !== this.#todos) this.#view.show(this.#session);
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
    this.#todos.refresh();
    this.#show();
  }
}
