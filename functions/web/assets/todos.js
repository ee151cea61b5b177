// The todo API. A todo's version is its ETag. Each write names the version that the user saw, so
// that a change they did not see isn't overwritten.

export class Todos {
  #api;

  constructor(api) {
    this.#api = api;
  }

  // `{items, next}`, newest first.
  page(cursor = null, limit = 25) {
    const query = new URLSearchParams({ limit: String(limit) });
    if (cursor) query.set("cursor", cursor);
    return this.#api.call("GET", `/api/todos?${query}`);
  }

  one(id) {
    return this.#api.call("GET", address(id));
  }

  // With the same key, a repeated call returns the todo of the first one.
  create(todo, key) {
    return this.#api.call("POST", "/api/todos", { body: todo, headers: { "Idempotency-Key": key } });
  }

  change(todo, changes) {
    return this.#api.call("PATCH", address(todo.id), {
      body: changes,
      headers: { "Content-Type": "application/merge-patch+json", "If-Match": etag(todo) },
    });
  }

  remove(todo) {
    return this.#api.call("DELETE", address(todo.id), { headers: { "If-Match": etag(todo) } });
  }
}

function address(id) {
  return `/api/todos/${encodeURIComponent(id)}`;
}

function etag(todo) {
  return `"${todo.version}"`;
}
