// The session: its user, and its refresh. Its cookie can't be read by scripts.

import { Failure, failureOf } from "./failure.js";
import { json, send } from "./http.js";

export class Session {
  #fetch;
  #refreshing = null;

  // The number of refreshes. A caller that got a 401 compares it with the number before its call: if
  // it differs, the caller repeats the call without another refresh.
  refreshes = 0;
  onended = () => {};

  constructor(fetch = (...request) => globalThis.fetch(...request)) {
    this.#fetch = fetch;
  }

  // `{user, claims, expires_at}`; `user` is null without a session.
  async load() {
    const response = await send(this.#fetch, "GET", "/session");
    if (!response.ok) throw await failureOf(response);
    const session = await json(response);
    return { user: session?.user ?? null, claims: session?.claims ?? {}, expires_at: session?.expires_at ?? null };
  }

  // Concurrent callers share one request.
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

  // Calls `onended`. Returns the failure for the caller to throw.
  end() {
    this.onended();
    return new Failure("ended", { status: 401 });
  }
}
