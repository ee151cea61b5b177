// An API behind Tollgate's proxy. It verifies tokens, for the case that it can be reached otherwise.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

import { tokenVerifier } from "./tokens.mjs";

const MAX_TEXT = 200;
const MAX_ORDERS = 100;
const MAX_BODY = 64 * 1024;

/** An HTTP server whose tokens `verify` checks. */
export function ordersServer(verify) {
  // In memory, for a short example: use a database.
  const orders = new Map();
  return createServer(async (request, response) => {
    const [status, value] = await answer(request).catch((error) => {
      console.error(error);
      return problem(503, "unavailable", "The API cannot verify tokens at the moment.");
    });
    const type = status < 400 ? "application/json" : "application/problem+json";
    const challenge = status === 401 ? { "www-authenticate": 'Bearer error="invalid_token"' } : {};
    response.writeHead(status, { "content-type": type, ...challenge });
    response.end(JSON.stringify(value));
  });

  async function answer(request) {
    if (new URL(request.url, "http://localhost").pathname !== "/v1/orders") {
      return problem(404, "not_found", "Not found.");
    }
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    const claims = scheme.toLowerCase() === "bearer" && token && (await verify(token));
    if (!claims) return problem(401, "invalid_token", "A valid access token is required.");
    // The proxy's policy says who may use the route. Whose orders they are is decided here.
    const owner = JSON.stringify([claims.iss, claims.oid ?? claims.sub]);
    const own = orders.get(owner) ?? [];
    if (request.method === "GET") return [200, { items: own }];
    if (request.method !== "POST") return problem(405, "method_not_allowed", "Use GET or POST.");
    const text = await textOf(request);
    if (text === undefined) {
      return problem(422, "invalid_text", `text must have 1 to ${MAX_TEXT} characters.`);
    }
    const order = { id: randomUUID(), text, created_at: new Date().toISOString() };
    orders.set(owner, [order, ...own].slice(0, MAX_ORDERS));
    return [201, order];
  }
}

async function textOf(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  try {
    const { text } = JSON.parse(Buffer.concat(chunks));
    const trimmed = typeof text === "string" ? text.trim() : "";
    return trimmed && trimmed.length <= MAX_TEXT ? trimmed : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 9457 */
function problem(status, code, detail) {
  return [status, { status, code, detail }];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { OIDC_ISSUER: issuer, API_AUDIENCE: audience, PORT: port = "8080" } = process.env;
  if (!issuer || !audience) throw new Error("OIDC_ISSUER and API_AUDIENCE must be set");
  const server = ordersServer(tokenVerifier({ issuer, audience }));
  server.listen(Number(port), "127.0.0.1", () => {
    console.log(`http://127.0.0.1:${server.address().port}/v1/orders`);
  });
}
