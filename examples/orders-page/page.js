// Signs in and uses three APIs through one session. docs/extend.md has the contract of a front end.

// Evidence that this page sends the request: another site can't set the header.
const headers = { "X-CSRF": "1" };

class SessionEnded extends Error {}

const byId = (id) => document.getElementById(id);

// What a response says of its error: a problem document (RFC 9457), or API Gateway's `message`.
async function problemOf(response) {
  const problem = Object(await response.json().catch(() => ({})));
  const detail = problem.errors?.[0]?.detail ?? problem.detail ?? problem.title ?? problem.message;
  return { code: problem.code, detail: `${detail ?? "Something went wrong. Try again in a moment."} (${response.status})` };
}

// Makes the session's token for an API anew. Callers at the same time share one request.
const refreshing = new Map();
function refresh(api) {
  if (!refreshing.has(api)) {
    const query = api ? `?${new URLSearchParams({ api })}` : "";
    const done = fetch(`/session/refresh${query}`, { method: "POST", headers })
      .then(async (response) => {
        if (response.status === 401) throw new SessionEnded();
        if (!response.ok) throw new Error((await problemOf(response)).detail);
      })
      .finally(() => refreshing.delete(api));
    refreshing.set(api, done);
  }
  return refreshing.get(api);
}

// Calls an API. After a 401, refreshes its token and repeats the request once.
async function call(path, api, body) {
  const request = () =>
    fetch(path, {
      method: body ? "POST" : "GET",
      headers: body ? { ...headers, "Content-Type": "application/json" } : headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
    });
  let response = await request();
  if (response.status === 401) {
    await refresh(api);
    response = await request();
  }
  if (response.ok) return response.json();
  const { code, detail } = await problemOf(response);
  // With `invalid_token`, the API rejects even a fresh token: another sign-in would not help.
  if (response.status === 401 && code !== "invalid_token") throw new SessionEnded();
  throw new Error(detail);
}

function show(view) {
  for (const id of ["welcome", "ended", "apis"]) byId(id).hidden = id !== view;
  byId("account").hidden = view !== "apis";
  byId("main").removeAttribute("aria-busy");
}

// The orders of one API, and a form for another one.
function start(card) {
  const { path, api } = card.dataset;
  card.append(byId("orders").content.cloneNode(true));
  const [list, form, error, none] = ["ul", "form", ".error", ".none"].map((it) => card.querySelector(it));
  card.querySelector("code").textContent = path;

  const rowOf = ({ text }) => {
    const row = document.createElement("li");
    row.dataset.test = "order";
    row.textContent = text;
    return row;
  };
  // One after another.
  let last = Promise.resolve();
  const attempt = (action) => (last = last.then(() => run(action)));
  const run = async (action) => {
    error.hidden = true;
    try {
      await action();
      none.hidden = list.children.length > 0;
    } catch (failure) {
      if (failure instanceof SessionEnded) return show("ended");
      error.textContent = failure instanceof TypeError ? "The site can't be reached." : failure.message;
      error.hidden = false;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = form.elements.text;
    const text = input.value;
    form.reset();
    attempt(async () => {
      try {
        list.prepend(rowOf(await call(path, api, { text })));
      } catch (failure) {
        input.value ||= text;
        throw failure;
      }
    });
  });
  attempt(async () => list.append(...(await call(path, api)).items.map(rowOf)));
}

try {
  const response = await fetch("/session", { headers, cache: "no-store" });
  if (!response.ok) throw new Error();
  const { user } = await response.json();
  if (user) {
    document.querySelector("[data-test=user-name]").textContent = user.name ?? user.username ?? user.sub;
    show("apis");
    document.querySelectorAll("[data-path]").forEach(start);
  } else {
    show("welcome");
  }
} catch {
  show("none");
  byId("trouble").textContent = "The page didn't load. Try again in a moment.";
  byId("trouble").hidden = false;
}
