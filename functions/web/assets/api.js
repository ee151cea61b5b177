// A call to the API through the session. A refused call refreshes the session
// once and is repeated once; a second refusal means the session has ended, or that
// the API does not take even a fresh token: then another sign-in would be of no use.
// What asks for another sign-in is no refusal of the session: no refresh would help.

import { failureOf } from "./failure.js";
import { json, send } from "./http.js";

export class Api {
  #session;
  #fetch;

  constructor(session, fetch = (...request) => globalThis.fetch(...request)) {
    this.#session = session;
    this.#fetch = fetch;
  }

  async call(method, path, content) {
    const asked = this.#session.refreshes;
    let response = await send(this.#fetch, method, path, content);
    if (response.status === 401) {
      await unlessAgain(response);
      if (this.#session.refreshes === asked) await this.#session.refresh();
      response = await send(this.#fetch, method, path, content);
      if (response.status === 401) {
        const failure = await failureOf(response);
        if (failure.kind === "again" || failure.kind === "unaccepted") throw failure;
        throw this.#session.end();
      }
    }
    if (!response.ok) throw await failureOf(response);
    return response.status === 204 ? null : json(response);
  }
}

async function unlessAgain(response) {
  const failure = await failureOf(response);
  if (failure.kind === "again") throw failure;
}
