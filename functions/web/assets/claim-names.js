// The meanings of ID token claims, by OpenID Connect Core, JWT (RFC 7519) and Microsoft Entra's
// documentation, in the order of the page.

const MEANINGS = new Map([
  ["name", "Your name at the provider."],
  ["given_name", "Your first name."],
  ["family_name", "Your last name."],
  ["preferred_username", "Your user name. It can change, so no access depends on it."],
  ["email", "Your email address. It can change, so no access depends on it."],
  ["email_verified", "Whether the provider verified that the email address is yours."],
  ["sub", "Your identifier in this application. It never changes."],
  ["oid", "Your account in the provider’s directory, the same in all applications. Your todos belong to it."],
  ["roles", "Your roles in this application."],
  ["locale", "Your language and region."],
  ["zoneinfo", "Your time zone."],
  ["iss", "The issuer of the token. Only this issuer is accepted."],
  ["tid", "The directory (tenant) that your account is in."],
  ["idp", "The identity provider that authenticated you, if it isn't the issuer."],
  ["aud", "The recipient of the token: this application’s client ID."],
  ["azp", "The application that requested the token."],
  ["iat", "When the token was issued."],
  ["nbf", "Not valid before this time."],
  ["exp", "Not valid after this time. Your session has its own limits."],
  ["auth_time", "When you last signed in at the provider."],
  ["updated_at", "When your profile last changed."],
  ["acr", "The strength of your sign-in."],
  ["amr", "How you signed in, such as with a password."],
  ["login_hint", "Tells the provider which account to sign in or out."],
  ["ver", "Version of the token format."],
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
    meaning: MEANINGS.get(name) ?? "Specific to this provider.",
    instant: TIMES.has(name) && Number.isFinite(claims[name]) ? new Date(claims[name] * 1000) : null,
  }));
}

function shown(value) {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value.join(", ");
  return JSON.stringify(value);
}
