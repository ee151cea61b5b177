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

test("times are shown if they are known", () => {
  const known = described({ created_at: "2030-01-01T00:00:00Z", last_seen_at: "2030-01-01T00:05:00Z" });
  assert.equal(known.created.toISOString(), "2030-01-01T00:00:00.000Z");
  assert.equal(known.seen - known.created, 300_000);
  assert.equal(described({ created_at: null, last_seen_at: "soon" }).seen, null);
});

test("an address that only its own network knows is said in words", () => {
  const places = {
    "this computer": ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"],
    "a private network": [
      ...["10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.1.4", "100.64.0.1", "100.127.0.1", "169.254.1.1"],
      ...["fc00::1", "fdab:cdef::1", "fe80::1", "febf::1", "::ffff:10.0.0.1"],
    ],
    "203.0.113.7": ["203.0.113.7", "::ffff:203.0.113.7"],
    "": [null, undefined],
  };
  for (const [place, addresses] of Object.entries(places)) {
    for (const address of addresses) assert.equal(described({ address }).place, place, address);
  }
  for (const address of ["172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "1.10.0.1", "192.169.0.1", "2001:db8::1", "fec0::1", "::ffff", "fb00::1"]) {
    assert.equal(described({ address }).place, address);
  }
});

async function endAll({ sessions }) {
  const reports = [];
  const listed = ["a", "b", "c"].map((id) => ({ id, current: false }));
  await sessions.endAll(listed, ({ id }, failure) => reports.push([id, failure?.kind ?? "ended"].join(" ")));
  return reports;
}

test("of all other sessions, one that cannot be ended stops none of the rest", async () => {
  const { sessions, server } = own({ status: 204 }, { status: 503 }, { status: 404 });
  assert.deepEqual(await endAll({ sessions }), ["a ended", "b unavailable", "c ended"]);
  assert.deepEqual(server.lines, ["DELETE /sessions/a", "DELETE /sessions/b", "DELETE /sessions/c"]);
});

test("if ending others needs another sign-in, it is asked for once", async () => {
  const { sessions, server } = own({ status: 401, json: { code: "sign_in_again", max_age: 60 } });
  assert.deepEqual(await endAll({ sessions }), ["a again"]);
  assert.equal(server.lines.length, 1);
});
