// Requests to our own origin. docs/extend.md has the contract.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Todo = components["schemas"]["Todo"];
export type Change = components["schemas"]["TodoPatch"];
export type User = { sub: string; name: string | null; username: string | null; email: string | null };
type Problem = Partial<components["schemas"]["Problem"]>;

export class ApiError extends Error {
  constructor(readonly status: number, problem: Problem = {}) {
    super(problem.errors?.[0]?.detail ?? problem.detail ?? "Something went wrong. Try again in a moment.");
  }
}

/** The session has ended: only a new sign-in helps. */
export class SessionEnded extends Error {}

// Evidence that this page sends the request: another site can't set the header.
const headers = { "X-CSRF": "1" };

/** Who is signed in, if anyone. Counts as use of the session, as calls of the API don't. */
export async function loadUser(): Promise<User | null> {
  const response = await fetch("/session", { headers, cache: "no-store" });
  if (!response.ok) throw new ApiError(response.status);
  return (await response.json()).user;
}

let refreshing: Promise<void> | undefined;
let refreshes = 0;

/** Any number of callers share one request. */
function refresh(): Promise<void> {
  refreshing ??= fetch("/session/refresh", { method: "POST", headers })
    .then((response) => {
      if (response.status === 401) throw new SessionEnded();
      if (!response.ok) throw new ApiError(response.status);
      refreshes += 1;
    })
    .finally(() => (refreshing = undefined));
  return refreshing;
}

/** Refreshes the session after a 401, and repeats the request once. */
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const before = refreshes;
  const response = await fetch(request);
  if (response.status !== 401) return response;
  // Unless it was refreshed while this request was under way.
  if (refreshes === before) await refresh();
  const second = await fetch(again);
  if (second.status !== 401) return second;
  // The API rejects even a fresh token: another sign-in would not help.
  const { code }: Problem = await second.clone().json().catch(() => ({}));
  if (code === "invalid_token") return second;
  throw new SessionEnded();
}

const api = createClient<paths>({ baseUrl: location.origin, headers, cache: "no-store", fetch: send });

type Answer<T> = { data?: T; error?: unknown; response: Response };

async function data<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiError(response.status, Object(error));
  return data as T;
}

const one = ({ id }: Todo) => ({ path: { id } });
// A write names the version that the user saw, so that it overwrites nothing else.
const seen = (todo: Todo) => ({ ...one(todo), header: { "If-Match": `"${todo.version}"` } });

export const todos = {
  page: (cursor?: string) => data(api.GET("/api/todos", { params: { query: { cursor } } })),
  get: (todo: Todo) => data(api.GET("/api/todos/{id}", { params: one(todo) })),
  /** With the same key, a repeated call returns the first one's todo. */
  add: (description: string, key: string) =>
    data(api.POST("/api/todos", { params: { header: { "Idempotency-Key": key } }, body: { description } })),
  change: (todo: Todo, body: Change) =>
    data(api.PATCH("/api/todos/{id}", { params: seen(todo), body })),
  remove: (todo: Todo) => data<unknown>(api.DELETE("/api/todos/{id}", { params: seen(todo) })),
};
