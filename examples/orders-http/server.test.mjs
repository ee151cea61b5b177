import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { ordersServer } from "./server.mjs";
import { tokenVerifier } from "./tokens.mjs";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
let issuer, orders;

const provider = createServer((request, response) => {
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "1", use: "sig" };
  const document = request.url.endsWith("/keys")
    ? { keys: [jwk] }
    : { issuer, jwks_uri: `${issuer}/keys` };
  response.end(JSON.stringify(document));
});

const listening = async (server) => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
};
let server;

before(async () => {
  issuer = await listening(provider);
  server = ordersServer(tokenVerifier({ issuer, audience: "orders" }));
  orders = `${await listening(server)}/v1/orders`;
});

after(() => {
  provider.close();
  server.close();
});

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(claims = {}, { header = {}, key = privateKey } = {}) {
  const soon = Math.floor(Date.now() / 1000) + 600;
  const all = { iss: issuer, aud: "orders", sub: "s", oid: "ada", exp: soon, ...claims };
  const signed = `${part({ alg: "RS256", kid: "1", ...header })}.${part(all)}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
}

async function call(authorization, method = "GET", body) {
  const headers = authorization ? { authorization } : {};
  const response = await fetch(orders, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, ...(await response.json()) };
}

test("callers see their own orders only", async () => {
  const made = await call(`Bearer ${token()}`, "POST", { text: " tea " });
  assert.equal(made.status, 201);
  assert.equal(made.text, "tea");
  assert.deepEqual((await call(`Bearer ${token()}`)).items.map(({ id }) => id), [made.id]);
  assert.deepEqual((await call(`Bearer ${token({ oid: "grace" })}`)).items, []);
  for (const body of [undefined, {}, { text: " " }, { text: 7 }, { text: "x".repeat(201) }]) {
    assert.equal((await call(`Bearer ${token()}`, "POST", body)).status, 422);
  }
});

test("a token that is not valid is refused", async () => {
  const now = Math.floor(Date.now() / 1000);
  const [header, claims, signature] = token().split(".");
  for (const bad of [
    token({ aud: "todos" }),
    token({ aud: ["todos", "billing"] }),
    token({ iss: "https://evil.example" }),
    token({ exp: now - 61 }),
    token({ exp: undefined }),
    token({ exp: "9999999999x" }),
    token({ nbf: now + 61 }),
    token({ sub: undefined }),
    token({}, { key: other.privateKey }),
    token({}, { header: { kid: "2" } }),
    token({}, { header: { alg: "none" } }),
    token({}, { header: { alg: "HS256" } }),
    token({}, { header: { crit: ["x"] } }),
    `${header}.${part({ oid: "root" })}.${signature}`,
    `${header}.${claims}.`,
    `${header}.${claims}`,
    "x.y.z",
    "x",
  ]) {
    assert.equal((await call(`Bearer ${bad}`)).status, 401, bad);
  }
  for (const authorization of [undefined, "Bearer", `Basic ${token()}`]) {
    assert.equal((await call(authorization)).status, 401, authorization);
  }
});
