// What can go wrong with a request, as one closed set of kinds. Views decide by
// `kind` and never by status, so every status has to be placed here.

export class Failure extends Error {
  // kind: ended | again | unaccepted | offline | unavailable | invalid | conflict | gone | forbidden | failed
  // retryAfter: seconds the server asked us to wait, 0 when it did not ask
  // fields: map from field name to what is wrong with it
  // signIn: with `again`, what the address to sign in at must ask for
  constructor(kind, { status = 0, code = "", detail = "", retryAfter = 0, fields = {}, signIn = null } = {}) {
    super(detail || kind);
    this.name = "Failure";
    Object.assign(this, { kind, status, code, detail, retryAfter, fields, signIn });
  }

  // A sentence for the person in front of the page.
  get sentence() {
    return SENTENCES[this.kind] ?? SENTENCES.failed;
  }

  // Whether doing the very same thing again can help.
  get retryable() {
    return ["offline", "unavailable", "failed"].includes(this.kind);
  }

  // With `again`, where to sign in once more and come back to `here`; else null. The
  // page only offers it: whoever comes back and is refused again is not sent around.
  way(here) {
    if (this.kind !== "again") return null;
    return `/signin?${new URLSearchParams({ ...this.signIn, return_to: here })}`;
  }
}

const SENTENCES = {
  ended: "Your session has ended.",
  again: "Sign in again to do this.",
  unaccepted: "The API rejected your sign-in. This isn't your fault. Contact the people who run this site.",
  offline: "The site can't be reached. Check your connection and try again.",
  unavailable: "The site is busy. Try again in a moment.",
  invalid: "This can't be saved as it is.",
  conflict: "This todo was changed somewhere else.",
  gone: "This todo was deleted somewhere else.",
  forbidden: "Your account is not allowed to do this.",
  failed: "Something went wrong on our side. Nothing you typed is lost.",
};

const KINDS = new Map([
  [401, "ended"],
  [403, "forbidden"],
  [404, "gone"],
  [409, "conflict"],
  [412, "conflict"],
  [413, "invalid"],
  [422, "invalid"],
  [429, "unavailable"],
  [502, "unavailable"],
  [503, "unavailable"],
  [504, "unavailable"],
]);

export async function failureOf(response) {
  const problem = await problemOf(response);
  const code = text(problem.code);
  // The session lives, but is not fresh or strong enough for this.
  const again = response.status === 401 && code === "sign_in_again";
  // There was a token, and it was no good: seen by the page only where a refresh did not help.
  const unaccepted = response.status === 401 && code === "invalid_token";
  const special = (again && "again") || (unaccepted && "unaccepted");
  return new Failure(special || (KINDS.get(response.status) ?? "failed"), {
    status: response.status,
    code,
    detail: text(problem.detail) || text(problem.title),
    retryAfter: retryAfter(response.headers.get("Retry-After")),
    fields: fieldErrors(problem.errors),
    signIn: again ? demands(problem) : null,
  });
}

// What the sign-in must be like, in the parameters of `/signin`; nothing else gets there.
function demands({ max_age, acr_values, prompt }) {
  const demands = {};
  if (text(prompt)) demands.prompt = prompt;
  if (Number.isSafeInteger(max_age) && max_age >= 0) demands.max_age = String(max_age);
  if (text(acr_values)) demands.acr_values = acr_values;
  return demands;
}

// A gateway in front of the API answers in its own words, or in none.
async function problemOf(response) {
  try {
    return Object(await response.json());
  } catch {
    return {};
  }
}

function fieldErrors(errors) {
  const fields = {};
  for (const error of Array.isArray(errors) ? errors : []) {
    const pointer = text(error?.pointer) || text(error?.field) || text(error?.name);
    const name = pointer.replace(/^#?\/?/, "");
    fields[name] ??= text(error?.detail) || text(error?.message) || "is not valid";
  }
  return fields;
}

// RFC 9110: seconds, or a date.
export function retryAfter(header, now = Date.now()) {
  if (!header) return 0;
  if (/^\d+$/.test(header.trim())) return Math.min(Number(header), 3600);
  const until = Date.parse(header);
  return Number.isNaN(until) ? 0 : Math.min(Math.max(0, Math.ceil((until - now) / 1000)), 3600);
}

function text(value) {
  return typeof value === "string" ? value : "";
}
