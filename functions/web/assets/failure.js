// The errors of a request, as a closed set of kinds. Views decide by `kind`, never by status.

export class Failure extends Error {
  // kind: ended | again | unaccepted | offline | unavailable | invalid | conflict | gone | forbidden | failed
  // retryAfter: seconds to wait before a retry, 0 if the server names none
  // fields: from the name of a field to its error
  // signIn: for `again`, the parameters of the sign-in
  constructor(kind, { status = 0, code = "", detail = "", retryAfter = 0, fields = {}, signIn = null } = {}) {
    super(detail || kind);
    this.name = "Failure";
    Object.assign(this, { kind, status, code, detail, retryAfter, fields, signIn });
  }

  // The message for the user.
  get sentence() {
    return SENTENCES[this.kind] ?? SENTENCES.failed;
  }

  // Whether a retry can help.
  get retryable() {
    return ["offline", "unavailable", "failed"].includes(this.kind);
  }

  // For `again`, the address of a sign-in that returns to `here`; otherwise null. It is a link, not a
  // redirect, so that a second refusal can't cause a loop.
  way(here) {
    if (this.kind !== "again") return null;
    return `/signin?${new URLSearchParams({ ...this.signIn, return_to: here })}`;
  }
}

const SENTENCES = {
  ended: "Your session has ended.",
  again: "Sign in again to do this.",
  unaccepted: "The API rejected your sign-in. This isn't your fault. Contact the site's administrator.",
  offline: "The site can't be reached. Check your connection and try again.",
  unavailable: "The site is busy. Try again in a moment.",
  invalid: "This can't be saved. Change the text and try again.",
  conflict: "This todo was changed somewhere else.",
  gone: "This todo was deleted somewhere else.",
  forbidden: "Your account doesn't have permission to do this.",
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
  // The session is active, but its sign-in is not fresh or strong enough.
  const again = response.status === 401 && code === "sign_in_again";
  // The API rejected the token, even after a refresh.
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

// The parameters of `/signin` that the problem names, and no others.
function demands({ max_age, acr_values, prompt }) {
  const demands = {};
  if (text(prompt)) demands.prompt = prompt;
  if (Number.isSafeInteger(max_age) && max_age >= 0) demands.max_age = String(max_age);
  if (text(acr_values)) demands.acr_values = acr_values;
  return demands;
}

// A gateway in front of the API doesn't answer with a problem document.
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
