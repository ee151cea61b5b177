import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../assets/api.js";
import { Session } from "../assets/session.js";
import { Todos } from "../assets/todos.js";
import { Server, later, todo } from "./server.js";

function page(server) {
  const session = new Session(server.fetch);
  let ended = 0;
  session.onended = () => {
    ended += 1;
  };
  const api = new Api(session, server.fetch);
  return { session, api, todos: new Todos(api), ended: () => ended };
}

test("every call says that it comes from this page", async () => {
  const server = new Server({ json: { items: [], next: null } }, { json: { user: null } }, { status: 204 });
  const { todos, session } = page(server);
  await todos.page();
  await session.load();
  await session.refresh();
  assert.deepEqual(server.requests.map(({ headers }) => headers["X-CSRF"]), ["1", "1", "1"]);
});

test("a refused call refreshes the session once and is repeated with the same key", async () => {
  const server = new Server({ status: 401 }, { status: 204 }, { status: 201, json: todo("a") });
  const { todos } = page(server);
  await todos.create({ description: "a" }, "the-key");
  assert.deepEqual(server.lines, ["POST /api/todos", "POST /session/refresh", "POST /api/todos"]);
  assert.deepEqual([0, 2].map((call) => server.requests[call].headers["Idempotency-Key"]), ["the-key", "the-key"]);
  assert.deepEqual(server.requests[0].body, server.requests[2].body);
});

test("calls refused together share one refresh", async () => {
  const refresh = later();
  const server = new Server({ status: 401 }, { status: 401 }, refresh.reply, { json: todo("a") }, { json: todo("b") });
  const { todos } = page(server);
  const both = Promise.all([todos.one("a"), todos.one("b")]);
  setImmediate(() => refresh.answer({ status: 204 }));
  await both;
  assert.equal(server.lines.filter((line) => line === "POST /session/refresh").length, 1);
});

test("a call refused after another one's refresh is repeated without a second one", async () => {
  const slow = later();
  const server = new Server(slow.reply, { status: 401 }, { status: 204 }, { json: todo("b") }, { json: todo("a") });
  const { todos } = page(server);
  const late = todos.one("a");
  await todos.one("b");
  slow.answer({ status: 401 });
  await late;
  assert.equal(server.lines.filter((line) => line === "POST /session/refresh").length, 1);
});

test("a refused refresh ends the session", async () => {
  const server = new Server({ status: 401 }, { status: 401 });
  const { todos, ended } = page(server);
  await assert.rejects(todos.one("a"), { kind: "ended" });
  assert.equal(ended(), 1);
});

test("a call refused with a fresh session ends it instead of trying for ever", async () => {
  const server = new Server({ status: 401 }, { status: 204 }, { status: 401 });
  const { todos, ended } = page(server);
  await assert.rejects(todos.one("a"), { kind: "ended" });
  assert.equal(ended(), 1);
});

test("a token that is refused although it is fresh is said to be, and ends nothing", async () => {
  const refused = { status: 401, json: { code: "invalid_token" } };
  const server = new Server(refused, { status: 204 }, refused);
  const { todos, ended } = page(server);
  await assert.rejects(todos.one("a"), { kind: "unaccepted", retryable: false });
  assert.equal(ended(), 0);
});

test("a call that asks for another sign-in refreshes nothing and ends nothing", async () => {
  const again = { status: 401, json: { code: "sign_in_again", max_age: 60 } };
  const server = new Server(again, { status: 401 }, { status: 204 }, again);
  const { api, ended } = page(server);
  await assert.rejects(api.call("DELETE", "/sessions/a"), { kind: "again" });
  assert.deepEqual(server.lines, ["DELETE /sessions/a"]);
  // Nor does it when the session had to be refreshed first.
  await assert.rejects(api.call("DELETE", "/sessions/a"), { kind: "again" });
  assert.deepEqual(server.lines.slice(1), ["DELETE /sessions/a", "POST /session/refresh", "DELETE /sessions/a"]);
  assert.equal(ended(), 0);
});

test("a refresh that is only unavailable ends nothing", async () => {
  const server = new Server({ status: 401 }, { status: 503, headers: { "Retry-After": "7" } });
  const { todos, ended } = page(server);
  await assert.rejects(todos.one("a"), { kind: "unavailable", retryAfter: 7 });
  assert.equal(ended(), 0);
});

test("a refresh can be tried again after it failed", async () => {
  const server = new Server({ broken: true }, { status: 204 });
  const { session } = page(server);
  await assert.rejects(session.refresh(), { kind: "offline" });
  await session.refresh();
  assert.equal(session.refreshes, 1);
});

test("a write names the version it saw, and an id cannot leave its place in the path", async () => {
  const server = new Server({ json: todo("a") }, { status: 204 });
  const { todos } = page(server);
  await todos.change(todo("../../admin", { version: 3 }), { completed: true });
  await todos.remove(todo("a?b#c", { version: 4 }));
  assert.deepEqual(server.lines, ["PATCH /api/todos/..%2F..%2Fadmin", "DELETE /api/todos/a%3Fb%23c"]);
  assert.deepEqual(server.requests.map(({ headers }) => headers["If-Match"]), ['"3"', '"4"']);
  assert.equal(server.requests[0].headers["Content-Type"], "application/merge-patch+json");
});

test("an answer cut off in the middle counts as not reached", async () => {
  const { todos } = page({ fetch: async () => new Response('{"items":[') });
  await assert.rejects(todos.page(), { kind: "offline" });
});
