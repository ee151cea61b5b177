// The session as the page knows it: who is signed in, and keeping it fresh. The
// session itself is a cookie that scripts cannot read.

import { Failure, failureOf } from "./failure.js";
import { json, send } from "./http.js";

export class Session {
  #fetch;
  #refreshing = null;

  // How often the session was refreshed: a caller that was refused compares it
  // with what it was when it asked, and asks again instead of refreshing twice.
  refreshes = 0;
  onended = () => {};

  constructor(fetch = (...request) => globalThis.fetch(...request)) {
    this.#fetch = fetch;
  }

  // `{user, claims, expires_at}`; `user` is null when nobody is signed in.
  async load() {
    const response = await send(this.#fetch, "GET", "/session");
    if (!response.ok) throw await failureOf(response);
    const session = await json(response);
    return { user: session?.user ?? null, claims: session?.claims ?? {}, expires_at: session?.expires_at ?? null };
  }

  // Any number of callers share one request.
  refresh() {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh() {
    const response = await send(this.#fetch, "POST", "/session/refresh");
    if (response.status === 401) throw this.end();
    if (!response.ok) throw await failureOf(response);
    this.refreshes += 1;
  }

  // Says it to whoever shows it, and returns the failure for the caller to throw.
  end() {
    this.onended();
    return new Failure("ended", { status: 401 });
  }
}
