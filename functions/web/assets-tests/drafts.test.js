import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../assets/drafts.js";
import { Outbox } from "../assets/outbox.js";
import { MemoryStorage, later, todo } from "./server.js";

function opened(storage, owner = "ada") {
  const drafts = new Drafts(storage);
  drafts.open(owner);
  return drafts;
}

test("what was typed outlives the page", () => {
  const storage = new MemoryStorage();
  const before = opened(storage);
  before.box = { text: "new" };
  before.keepEdit("a", { text: "edited", base: "old" });
  before.keepEdit("b", { text: "x", base: "y" });
  before.dropEdit("b");
  const after = opened(storage);
  assert.deepEqual(after.box, { text: "new" });
  assert.deepEqual(after.edits, { a: { text: "edited", base: "old" } });
});

test("somebody else does not see it, nor does it come back", () => {
  const storage = new MemoryStorage();
  opened(storage).box = { text: "ada's" };
  assert.equal(opened(storage, "grace").box.text, "");
  assert.equal(opened(storage).box.text, "");
});

test("signing out leaves nothing behind", () => {
  const storage = new MemoryStorage();
  const drafts = opened(storage);
  drafts.box = { text: "new" };
  drafts.clear();
  assert.equal(storage.size, 0);
  assert.equal(drafts.box.text, "");
});

test("the place is returned to once", () => {
  const drafts = new Drafts(new MemoryStorage());
  drafts.leave("#claims");
  assert.equal(drafts.comeBack(), "#claims");
  assert.equal(drafts.comeBack(), null);
});

test("without storage, or with nonsense in it, drafts live as long as the page", () => {
  const nonsense = new MemoryStorage();
  nonsense.setItem("tollgate.drafts", "{");
  const full = { getItem: () => null, setItem() { throw new Error("full"); }, removeItem() {} };
  for (const storage of [null, nonsense, full]) {
    const drafts = opened(storage);
    drafts.box = { text: "new" };
    assert.equal(drafts.box.text, "new");
    assert.deepEqual(drafts.outbox, []);
  }
});

test("a new todo stays in the outbox until the API has it, and is sent again under its key", async () => {
  const drafts = opened(new MemoryStorage());
  const keys = [];
  const todos = {
    async create(_, key) {
      keys.push(key);
      if (keys.length === 1) throw new Error("broken");
      return todo("a");
    },
  };
  const outbox = new Outbox(todos, drafts);
  const entry = { text: "a", key: "k" };
  await assert.rejects(outbox.post(entry));
  assert.deepEqual(outbox.left, [entry]);
  await outbox.post(entry);
  assert.deepEqual(outbox.left, []);
  assert.deepEqual(keys, ["k", "k"]);
});

test("a deletion outlives the page until the API knows of it", () => {
  const storage = new MemoryStorage();
  opened(storage).deletions = [todo("a", { version: 3 })];
  assert.deepEqual(opened(storage).deletions, [{ id: "a", version: 3 }]);
  assert.deepEqual(opened(storage, "grace").deletions, []);
});

test("new todos are sent one after the other", async () => {
  const first = later();
  const sent = [];
  const todos = {
    create({ description }) {
      sent.push(description);
      return description === "a" ? first.reply : todo("b");
    },
  };
  const outbox = new Outbox(todos, opened(new MemoryStorage()));
  const both = Promise.all([outbox.post({ text: "a", key: "1" }), outbox.post({ text: "b", key: "2" })]);
  await new Promise(setImmediate);
  assert.deepEqual(sent, ["a"]);
  first.answer(todo("a"));
  await both;
  assert.deepEqual(sent, ["a", "b"]);
});
