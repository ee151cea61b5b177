// One request to our own origin. `X-CSRF` shows that this page sent it: another site can't set
// the header without a preflight, which fails.

import { Failure } from "./failure.js";

// Milliseconds. An HTTP API waits 30 seconds for its function.
const TIMEOUT = 20_000;

export async function send(fetch, method, path, { body, headers = {} } = {}) {
  const request = {
    method,
    headers: { Accept: "application/json", "X-CSRF": "1", ...headers },
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
    // A deletion may be sent as the page closes.
    keepalive: method === "DELETE",
    signal: AbortSignal.timeout(TIMEOUT),
  };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers["Content-Type"] ??= "application/json";
  }
  try {
    return await fetch(path, request);
  } catch {
    throw new Failure("offline");
  }
}

// The connection can also fail after the status line.
export async function json(response) {
  try {
    return await response.json();
  } catch {
    throw new Failure("offline", { status: response.status });
  }
}
