// The sessions of whoever is signed in, at the server.

export class OwnSessions {
  #api;
  #session;

  constructor(api, session) {
    this.#api = api;
    this.#session = session;
  }

  // `{id, device, address, created_at, last_seen_at, current}`, the one that asks first.
  async list() {
    const { sessions } = await this.#api.call("GET", "/sessions");
    const current = sessions.filter((session) => session.current);
    return [...current, ...sessions.filter((session) => !session.current)];
  }

  // One that is gone already is as good as ended.
  async end({ id, current }) {
    try {
      await this.#api.call("DELETE", `/sessions/${encodeURIComponent(id)}`);
    } catch (failure) {
      if (failure.kind !== "gone") throw failure;
    }
    if (current) throw this.#session.end();
  }
}
