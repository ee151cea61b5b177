// A pretended server: answers each request with the next of its replies and
// remembers what it was asked.

export class Server {
  requests = [];
  #replies;

  constructor(...replies) {
    this.#replies = replies;
    this.fetch = this.fetch.bind(this);
  }

  async fetch(path, { method, headers, body }) {
    this.requests.push({ line: `${method} ${path}`, headers, body: body && JSON.parse(body) });
    const reply = this.#replies.shift();
    if (reply === undefined) throw new Error(`no reply left for ${method} ${path}`);
    const { status = 200, json, headers: sent = {}, broken = false } = await reply;
    if (broken) throw new TypeError("network");
    return new Response(json === undefined ? null : JSON.stringify(json), { status, headers: sent });
  }

  get lines() {
    return this.requests.map(({ line }) => line);
  }
}

// A reply that comes when the test says so.
export function later() {
  let answer;
  const reply = new Promise((resolve) => {
    answer = resolve;
  });
  return { reply, answer };
}

export class MemoryStorage {
  #items = new Map();

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, value);
  }

  removeItem(key) {
    this.#items.delete(key);
  }

  get size() {
    return this.#items.size;
  }
}

export function todo(id, more = {}) {
  return { id, description: `todo ${id}`, completed: false, version: 1, ...more };
}
