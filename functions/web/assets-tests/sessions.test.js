import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../assets/api.js";
import { described } from "../assets/device-name.js";
import { OwnSessions } from "../assets/own-sessions.js";
import { Session } from "../assets/session.js";
import { Server } from "./server.js";

function own(...replies) {
  const server = new Server(...replies);
  const session = new Session(server.fetch);
  let ended = 0;
  session.onended = () => (ended += 1);
  return { server, sessions: new OwnSessions(new Api(session, server.fetch), session), ended: () => ended };
}

test("the session that asks comes first, the others as the server sorts them", async () => {
  const listed = [{ id: "a", current: false }, { id: "b", current: true }, { id: "c", current: false }];
  const { server, sessions } = own({ json: { sessions: listed } });
  assert.deepEqual((await sessions.list()).map(({ id }) => id), ["b", "a", "c"]);
  assert.deepEqual(server.lines, ["GET /sessions"]);
  assert.equal(server.requests[0].headers["X-CSRF"], "1");
});

test("another session is ended by its id, and this one goes on", async () => {
  const { server, sessions, ended } = own({ status: 204 });
  await sessions.end({ id: "../x", current: false });
  assert.deepEqual(server.lines, ["DELETE /sessions/..%2Fx"]);
  assert.equal(ended(), 0);
});

test("a session that is gone already is as good as ended", async () => {
  const { sessions } = own({ status: 404, json: { code: "not_found" } });
  await sessions.end({ id: "a", current: false });
});

test("ending this session ends what the page shows", async () => {
  const { sessions, ended } = own({ status: 204 });
  await assert.rejects(sessions.end({ id: "a", current: true }), { kind: "ended" });
  assert.equal(ended(), 1);
});

test("a session that could not be ended is not taken for ended", async () => {
  const { sessions, ended } = own({ status: 503 }, { status: 503 });
  for (const current of [false, true]) await assert.rejects(sessions.end({ id: "a", current }), { kind: "unavailable" });
  assert.equal(ended(), 0);
});

test("a device is named by what is known of it", () => {
  const name = (device) => described({ device }).name;
  assert.equal(name({ browser: "Firefox", system: "Linux" }), "Firefox on Linux");
  assert.equal(name({ browser: "Firefox", system: null }), "Firefox");
  assert.equal(name({ browser: null, system: "Linux" }), "A browser on Linux");
  for (const device of [{}, null, undefined, { browser: null, system: null }]) assert.equal(name(device), "An unknown browser");
});

test("times and address are shown where they are known", () => {
  const known = described({ address: "192.0.2.1", created_at: "2030-01-01T00:00:00Z", last_seen_at: "2030-01-01T00:05:00Z" });
  assert.equal(known.where, "192.0.2.1");
  assert.equal(known.created.toISOString(), "2030-01-01T00:00:00.000Z");
  assert.equal(known.seen - known.created, 300_000);
  const unknown = described({ address: null, created_at: null, last_seen_at: "soon" });
  assert.deepEqual([unknown.where, unknown.seen], ["", null]);
});
