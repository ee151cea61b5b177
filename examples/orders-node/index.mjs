// An API behind Tollgate's authorizer: it verifies no tokens and reads no sessions.
import { randomUUID } from "node:crypto";

const MAX_TEXT = 200;
const MAX_ORDERS = 100;

// An instance's own, for a short example: use a table.
const orders = new Map();

export async function handler(event) {
  // API Gateway sets this after the authorizer has allowed the request. No client can.
  const caller = event.requestContext.authorizer?.lambda;
  if (!caller || caller.kind === "anonymous") {
    return problem(500, "not_authorized", "This route needs the authorizer.");
  }
  // The policy says who may use the route. Whose orders they are is decided here.
  const owner = JSON.stringify([caller.issuer, caller.kind, caller.owner ?? caller.sub]);
  const own = orders.get(owner) ?? [];
  switch (event.requestContext.http.method) {
    case "GET":
      return json(200, { items: own });
    case "POST": {
      const text = textOf(event);
      if (text === undefined) {
        return problem(422, "invalid_text", `text must have 1 to ${MAX_TEXT} characters.`);
      }
      const order = { id: randomUUID(), text, created_at: new Date().toISOString() };
      orders.set(owner, [order, ...own].slice(0, MAX_ORDERS));
      return json(201, order);
    }
  }
  return problem(405, "method_not_allowed", "Use GET or POST.");
}

function textOf({ body, isBase64Encoded }) {
  try {
    const { text } = JSON.parse(isBase64Encoded ? Buffer.from(body, "base64") : body);
    const trimmed = typeof text === "string" ? text.trim() : "";
    return trimmed && trimmed.length <= MAX_TEXT ? trimmed : undefined;
  } catch {
    return undefined;
  }
}

function json(statusCode, value, type = "application/json") {
  const headers = { "content-type": type, "cache-control": "no-store" };
  return { statusCode, headers, body: JSON.stringify(value) };
}

/** RFC 9457 */
function problem(status, code, detail) {
  return json(status, { status, code, detail }, "application/problem+json");
}
