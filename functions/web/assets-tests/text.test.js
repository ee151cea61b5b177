import assert from "node:assert/strict";
import { test } from "node:test";
import { explained } from "../assets/claim-names.js";
import { judge } from "../assets/description.js";
import { distance } from "../assets/time.js";

test("a description has 1 to 1000 characters after trimming, counted as people do", () => {
  assert.equal(judge(" a ").fault, null);
  assert.equal(judge(" a ").trimmed, "a");
  assert.equal(judge("😀".repeat(1000)).fault, null);
  assert.match(judge("x".repeat(1001)).fault, /1 character too long/);
  assert.match(judge("x".repeat(1002)).fault, /2 characters too long/);
  assert.match(judge(" \n ").fault, /Enter/);
});

test("the count shows near the limit only", () => {
  assert.equal(judge("x".repeat(900)).near, false);
  assert.equal(judge("x".repeat(901)).near, true);
});

test("known claims come first with their meaning, others after them", () => {
  const claims = { zebra: 1, apple: { a: [1] }, exp: 0, name: "Ada", amr: ["pwd", "mfa"], __proto__: { sub: "x" } };
  const rows = explained(claims);
  assert.deepEqual(rows.map(({ name }) => name), ["name", "exp", "amr", "apple", "zebra"]);
  assert.deepEqual(rows.map(({ value }) => value), ["Ada", "0", "pwd, mfa", '{"a":[1]}', "1"]);
  assert.equal(rows[1].instant.toISOString(), "1970-01-01T00:00:00.000Z");
});

test("a claim that should be a time and is not is shown as it is", () => {
  const [row] = explained({ exp: "tomorrow" });
  assert.deepEqual([row.value, row.instant], ["tomorrow", null]);
});

test("distances are told in the largest unit that fits", () => {
  const now = new Date("2030-01-01T00:00:00Z");
  const from = (seconds) => distance(new Date(now.getTime() + seconds * 1000), now);
  assert.equal(from(3600), "in 1 hour");
  assert.equal(from(-90), "1 minute ago");
  assert.equal(from(0), "now");
});
