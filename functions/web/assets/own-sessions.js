// The user's sessions, at the server.

export class OwnSessions {
  #api;
  #session;

  constructor(api, session) {
    this.#api = api;
    this.#session = session;
  }

  // `{id, device, address, created_at, last_seen_at, current}`, this browser's first.
  async list() {
    const { sessions } = await this.#api.call("GET", "/sessions");
    const current = sessions.filter((session) => session.current);
    return [...current, ...sessions.filter((session) => !session.current)];
  }

  // A session that is already gone counts as ended.
  async end({ id, current }) {
    try {
      await this.#api.call("DELETE", `/sessions/${encodeURIComponent(id)}`);
    } catch (failure) {
      if (failure.kind !== "gone") throw failure;
    }
    if (current) throw this.#session.end();
  }

  // Ends them one after the other and reports each: `report(session, failure)`, null if it ended.
  // If one needs another sign-in first, all do: it stops there.
  async endAll(sessions, report) {
    for (const session of sessions) {
      const failure = await this.end(session).then(() => null, (failure) => failure);
      report(session, failure);
      if (failure?.kind === "again" || failure?.kind === "ended") return;
    }
  }
}
