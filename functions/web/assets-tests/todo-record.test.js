import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../assets/failure.js";
import { TodoRecord } from "../assets/todo-record.js";
import { later, todo } from "./server.js";

// An API with one todo in it, which others may change.
function api(kept) {
  const writes = [];
  return {
    writes,
    change(seen, changes) {
      writes.push([seen.version, changes]);
      return Promise.resolve(this.gate).then(() => {
        if (this.broken) throw new Failure("offline");
        if (seen.version !== kept.version) throw new Failure("conflict", { status: 412 });
        Object.assign(kept, changes, { version: kept.version + 1 });
        return { ...kept };
      });
    },
    async one() {
      if (this.gone) throw new Failure("gone", { status: 404 });
      return { ...kept };
    },
    async remove(seen) {
      if (seen.version !== kept.version) throw new Failure("conflict", { status: 412 });
    },
  };
}

function record(others = {}) {
  const seen = todo("a");
  const todos = api({ ...seen, ...others });
  return { record: new TodoRecord(seen, todos), todos };
}

test("a toggle shows at once and is taken back when it fails", async () => {
  const { record: it, todos } = record();
  todos.broken = true;
  const done = it.complete(true);
  assert.equal(it.completed, true);
  await assert.rejects(done, { kind: "offline" });
  assert.equal(it.completed, false);
});

test("of several quick toggles only what is wanted in the end is sent", async () => {
  const { record: it, todos } = record();
  const gate = later();
  todos.gate = gate.reply;
  const all = [it.complete(true)];
  await new Promise(setImmediate);
  all.push(it.complete(false), it.complete(true));
  gate.answer();
  await Promise.all(all);
  assert.deepEqual(todos.writes, [[1, { completed: true }]]);
  assert.equal(it.completed, true);
});

test("writes follow each other, each with the version of the one before", async () => {
  const { record: it, todos } = record();
  await Promise.all([it.complete(true), it.describe("new"), it.remove()]);
  assert.deepEqual(todos.writes, [[1, { completed: true }], [2, { description: "new" }]]);
});

test("a conflict brings the other's version before it is told", async () => {
  const { record: it } = record({ description: "theirs", version: 5 });
  await assert.rejects(it.describe("mine"), { kind: "conflict" });
  assert.equal(it.todo.description, "theirs");
  await it.describe("mine");
  assert.equal(it.todo.description, "mine");
});

test("a conflicting toggle is no conflict when the other wanted the same", async () => {
  const { record: it } = record({ completed: true, version: 5 });
  await it.complete(true);
  assert.equal(it.completed, true);
  assert.equal(it.todo.version, 5);
});

test("a conflict over a todo that is gone says that it is gone", async () => {
  const { record: it, todos } = record({ version: 5 });
  todos.gone = true;
  await assert.rejects(it.remove(), { kind: "gone" });
});

test("what others did is taken over, except under a write", async () => {
  const { record: it, todos } = record();
  it.update(todo("a", { version: 2, completed: true }));
  assert.equal(it.completed, true);
  it.update(todo("a", { version: 1 }));
  assert.equal(it.completed, true);
  const gate = later();
  todos.gate = gate.reply;
  it.update(todo("a", { version: 1 }));
  const done = it.complete(false).catch(() => {});
  it.update(todo("a", { version: 9, description: "theirs" }));
  assert.equal(it.todo.description, "todo a");
  gate.answer();
  await done;
});
