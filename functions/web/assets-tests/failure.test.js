import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, failureOf, retryAfter } from "../assets/failure.js";

function answer(status, body, headers) {
  return failureOf(new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers }));
}

test("each status has its kind", async () => {
  const kinds = { 400: "failed", 401: "ended", 403: "forbidden", 404: "gone", 412: "conflict", 422: "invalid", 429: "unavailable", 500: "failed", 503: "unavailable" };
  for (const [status, kind] of Object.entries(kinds)) assert.equal((await answer(Number(status), {})).kind, kind, status);
});

test("a bad field is found by its JSON pointer, however it is written", async () => {
  for (const entry of [{ pointer: "/description" }, { pointer: "#/description" }, { field: "description" }]) {
    const { fields } = await answer(422, { errors: [{ ...entry, detail: "At most 1000 characters." }] });
    assert.equal(fields.description, "At most 1000 characters.");
  }
});

test("an answer that is no problem document is still a failure", async () => {
  for (const body of ["<html>", "", "null", "[]", '{"errors":"?"}', '{"errors":[null,3]}']) {
    assert.equal((await answer(502, body)).kind, "unavailable", body);
  }
});

test("only what can go better is offered again", () => {
  const retryable = ["offline", "unavailable", "failed"];
  for (const kind of [...retryable, "ended", "again", "invalid", "conflict", "gone", "forbidden"]) {
    const failure = new Failure(kind);
    assert.equal(failure.retryable, retryable.includes(kind), kind);
    assert.ok(failure.sentence.length > 0);
  }
});

test("Retry-After is seconds or a date, and never for ever", () => {
  const now = Date.parse("2030-01-01T00:00:00Z");
  const cases = [
    [null, 0],
    ["5", 5],
    ["99999999", 3600],
    ["Tue, 01 Jan 2030 00:00:09 GMT", 9],
    ["Tue, 01 Jan 2020 00:00:00 GMT", 0],
    ["soon", 0],
    ["-5", 0],
  ];
  for (const [header, seconds] of cases) assert.equal(retryAfter(header, now), seconds, String(header));
});

test("what needs another sign-in says where to sign in and come back", async () => {
  const problem = { code: "sign_in_again", max_age: 3600, acr_values: "gold silver" };
  const failure = await answer(401, problem);
  assert.equal(failure.kind, "again");
  assert.equal(failure.way("/#sessions"), "/signin?max_age=3600&acr_values=gold+silver&return_to=%2F%23sessions");
  const login = await answer(401, { code: "sign_in_again", prompt: "login" });
  assert.equal(login.way("/"), "/signin?prompt=login&return_to=%2F");
});

test("only a 401 of that code leads to another sign-in, and only its own demands do", async () => {
  assert.equal((await answer(401, { code: "session_ended", max_age: 1 })).way("/"), null);
  assert.equal((await answer(403, { code: "sign_in_again", max_age: 1 })).way("/"), null);
  const strange = { code: "sign_in_again", max_age: "x", acr_values: ["a"], return_to: "//evil.example", iss: "x" };
  assert.equal((await answer(401, strange)).way("/a"), "/signin?return_to=%2Fa");
});
