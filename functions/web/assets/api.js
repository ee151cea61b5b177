// A call to the API through the session. After a 401 the session is refreshed once and the call
// repeated once. A second 401 means that the session has ended, or that the API rejects even a
// fresh token: then another sign-in would not help. A 401 that asks for another sign-in (step-up)
// is not about the session: a refresh would not help.

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
