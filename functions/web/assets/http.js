// One request to our own origin. `X-CSRF` is evidence that this page sent it:
// another site cannot set the header without a preflight that nobody answers.

import { Failure } from "./failure.js";

// An HTTP API gives up on its function after 30 seconds; nobody waits that long.
const PATIENCE = 20_000;

export async function send(fetch, method, path, { body, headers = {} } = {}) {
  const request = {
    method,
    headers: { Accept: "application/json", "X-CSRF": "1", ...headers },
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
    // A deletion may be the last thing that a page does.
    keepalive: method === "DELETE",
    signal: AbortSignal.timeout(PATIENCE),
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

// The connection can break after the status line as well.
export async function json(response) {
  try {
    return await response.json();
  } catch {
    throw new Failure("offline", { status: response.status });
  }
}
