// What the claims of an ID token mean: OpenID Connect Core and JWT (RFC 7519) for
// the standard ones, Microsoft Entra's documentation for its own. Their order is
// the order on the page: who, by whom, for whom, when, the rest.

export const MEANINGS = new Map([
  ["name", "Your name, as you gave it to the provider."],
  ["given_name", "Your first name."],
  ["family_name", "Your last name."],
  ["preferred_username", "How you like to be addressed at sign-in; can change, so nothing is decided by it."],
  ["email", "Your e-mail address; can change, so nothing is decided by it."],
  ["email_verified", "Whether the provider checked that the e-mail address is yours."],
  ["sub", "You, at this application: the one name of you that never changes here."],
  ["oid", "Your account in the provider’s directory, the same in all of its applications. Your todos belong to it."],
  ["roles", "Application roles that were given to you."],
  ["locale", "Your language and region."],
  ["zoneinfo", "Your time zone."],
  ["iss", "Who issued the token. Only one exact issuer is accepted."],
  ["tid", "The directory (tenant) that your account is in."],
  ["idp", "The identity provider that knew you, when it is not the issuer itself."],
  ["aud", "Who the token is for: this application’s client id."],
  ["azp", "The application that asked for the token."],
  ["iat", "When the token was issued."],
  ["nbf", "Not valid before this time."],
  ["exp", "Not valid after this time. Your session here has limits of its own."],
  ["auth_time", "When you last proved who you are."],
  ["updated_at", "When your profile last changed."],
  ["acr", "How strongly you proved who you are."],
  ["amr", "By which methods you proved who you are."],
  ["login_hint", "Tells the provider whom to sign out, or in."],
  ["ver", "Version of the token’s format."],
  ["uti", "Unique identifier of this token at the provider."],
  ["jti", "Unique identifier of this token."],
  ["rh", "For the provider’s own use."],
  ["aio", "For the provider’s own use."],
]);

const TIMES = new Set(["iat", "nbf", "exp", "auth_time", "updated_at"]);

// `[name, value, meaning, instant?]`, the well-known ones first.
export function explained(claims) {
  const known = [...MEANINGS.keys()].filter((name) => Object.hasOwn(claims, name));
  const others = Object.keys(claims).filter((name) => !MEANINGS.has(name)).sort();
  return [...known, ...others].map((name) => ({
    name,
    value: shown(claims[name]),
    meaning: MEANINGS.get(name) ?? "Particular to this provider.",
    instant: TIMES.has(name) && Number.isFinite(claims[name]) ? new Date(claims[name] * 1000) : null,
  }));
}

function shown(value) {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value.join(", ");
  return JSON.stringify(value);
}
