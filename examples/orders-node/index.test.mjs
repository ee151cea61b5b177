import assert from "node:assert/strict";
import { test } from "node:test";

import { handler } from "./index.mjs";

async function call(lambda, method, body) {
  const requestContext = { http: { method }, authorizer: lambda && { lambda } };
  const response = await handler({ requestContext, isBase64Encoded: false, ...body });
  return { status: response.statusCode, ...JSON.parse(response.body) };
}

const ada = { kind: "user", issuer: "https://login.example", sub: "s", owner: "ada" };
const order = (text) => ({ body: JSON.stringify({ text }) });

test("callers see their own orders only", async () => {
  const made = await call(ada, "POST", order(" tea "));
  assert.equal(made.status, 201);
  assert.equal(made.text, "tea");
  assert.deepEqual((await call(ada, "GET")).items.map(({ id }) => id), [made.id]);
  for (const other of [
    { ...ada, owner: "grace" },
    { ...ada, issuer: "https://other.example" },
    { ...ada, kind: "app", owner: undefined, sub: "ada" },
  ]) {
    assert.deepEqual((await call(other, "GET")).items, []);
  }
});

test("a body in base64 is read, and one without text is refused", async () => {
  const body = Buffer.from(order("tea").body).toString("base64");
  assert.equal((await call(ada, "POST", { body, isBase64Encoded: true })).status, 201);
  for (const bad of [{}, { body: "" }, { body: "{" }, order(7), order(" "), order("x".repeat(201))]) {
    assert.equal((await call(ada, "POST", bad)).status, 422);
  }
});

test("a request that no authorizer has judged is refused", async () => {
  assert.equal((await call(undefined, "GET")).status, 500);
  assert.equal((await call({ kind: "anonymous" }, "GET")).status, 500);
});
