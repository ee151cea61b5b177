import assert from "node:assert/strict";
import { test } from "node:test";
import { Pages } from "../assets/pages.js";
import { later, todo } from "./server.js";

function pages(book) {
  const asked = [];
  const list = new Pages(async (cursor) => {
    asked.push(cursor);
    return book[cursor ?? "first"];
  });
  return { list, asked, ids: () => list.items.map(({ id }) => id).join("") };
}

const BOOK = {
  first: { items: [todo("9"), todo("8")], next: "two" },
  two: { items: [todo("7"), todo("6")], next: null },
};

test("pages follow the cursor to the end", async () => {
  const { list, asked, ids } = pages(BOOK);
  await list.reload();
  assert.equal(list.more, true);
  assert.deepEqual((await list.load()).map(({ id }) => id), ["7", "6"]);
  assert.equal(ids(), "9876");
  assert.equal(list.more, false);
  assert.deepEqual(await list.load(), []);
  assert.deepEqual(asked, [null, "two"]);
});

test("asking twice for the next page reads it once", async () => {
  const { list, asked } = pages(BOOK);
  await list.reload();
  await Promise.all([list.load(), list.load()]);
  assert.deepEqual(asked, [null, "two"]);
});

test("what is loaded can be read again, as far as it goes", async () => {
  const book = structuredClone(BOOK);
  const { list, asked, ids } = pages(book);
  await list.reload();
  await list.load();
  book.first = { items: [todo("A"), todo("9", { completed: true })], next: "two" };
  await list.reload(4);
  assert.equal(ids(), "A976");
  assert.equal(list.items[1].completed, true);
  assert.deepEqual(asked, [null, "two", null, "two"]);
});

test("an added or single todo has its place and is shown once", async () => {
  const { list, ids } = pages(BOOK);
  await list.reload();
  list.put(todo("A"));
  list.put(todo("6"));
  assert.equal(ids(), "A986");
  await list.load();
  assert.equal(ids(), "A9876");
});

test("a change keeps the place", async () => {
  const { list, ids } = pages(BOOK);
  await list.reload();
  list.put(todo("8", { description: "new" }));
  assert.equal(ids(), "98");
  assert.equal(list.items[1].description, "new");
});

test("empty pages with more behind them are passed over", async () => {
  const { list, ids } = pages({ first: { items: [], next: "two" }, two: { items: [], next: "three" }, three: { items: [todo("1")], next: null } });
  await list.reload();
  assert.equal(ids(), "1");
});

test("a page that comes after a reload began is not mixed in", async () => {
  const old = later();
  const replies = [{ items: [todo("9")], next: "two" }, old.reply, { items: [todo("5")], next: null }];
  const list = new Pages(async () => replies.shift());
  await list.reload();
  const stale = list.load();
  const fresh = list.reload();
  old.answer({ items: [todo("8")], next: null });
  await assert.rejects(stale, { kind: "superseded" });
  await fresh;
  assert.deepEqual(list.items.map(({ id }) => id), ["5"]);
});

test("what is added, changed or deleted while a page is read stays so", async () => {
  const slow = later();
  const replies = [{ items: [todo("9")], next: "two" }, slow.reply];
  const list = new Pages(async () => replies.shift());
  await list.reload();
  const fresh = list.reload();
  list.put(todo("A"));
  list.put(todo("9", { description: "new" }));
  list.drop("8");
  slow.answer({ items: [todo("9"), todo("8")], next: null });
  await fresh;
  assert.deepEqual(list.items.map(({ id, description }) => [id, description]), [["A", todo("A").description], ["9", "new"]]);
});

test("a page that failed can be asked for again", async () => {
  let calls = 0;
  const list = new Pages(async () => {
    calls += 1;
    if (calls === 2) throw new Error("broken");
    return calls === 1 ? { items: [todo("9")], next: "two" } : { items: [todo("8")], next: null };
  });
  await list.reload();
  await assert.rejects(list.load());
  assert.equal(list.more, true);
  await list.load();
  assert.equal(list.items.length, 2);
});
