import assert from "node:assert/strict";
import { test } from "node:test";

import { Activity } from "../assets/activity.js";

const MINUTE = 60_000;

test("somebody at work asks for the session every five minutes, and not more often", () => {
  let now = 0;
  let asked = 0;
  const activity = new Activity(() => (asked += 1), () => now);
  for (let minute = 1; minute <= 60; minute += 1) {
    now = minute * MINUTE;
    activity.seen();
    activity.seen();
  }
  assert.equal(asked, 12);
});

test("nobody at work asks for nothing", () => {
  let asked = 0;
  new Activity(() => (asked += 1), () => 0).seen();
  assert.equal(asked, 0);
});
