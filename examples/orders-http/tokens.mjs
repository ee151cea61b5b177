import { createPublicKey, verify as verifySignature } from "node:crypto";

const LEEWAY_SECONDS = 60;
/** Seconds before a key that is unknown is looked for again. */
const KEYS_SECONDS = 30;
/** Seconds after which the keys are loaded again, so that one that was withdrawn is forgotten. */
const KEYS_LIFETIME_SECONDS = 3600;

/**
 * Verifies access tokens that are signed with RS256 (RFC 7519): returns the claims, or
 * nothing if a token is not valid. Throws if the provider's keys cannot be loaded.
 */
export function tokenVerifier({ issuer, audience, now = () => Date.now() / 1000 }) {
  let keys = new Map();
  let loaded = -Infinity;

  async function keyOf(kid) {
    const age = now() - loaded;
    if (age >= (keys.has(kid) ? KEYS_LIFETIME_SECONDS : KEYS_SECONDS)) {
      const metadata = await json(`${issuer}/.well-known/openid-configuration`);
      if (metadata.issuer !== issuer) throw new Error(`the metadata is of ${metadata.issuer}`);
      const { keys: all } = await json(metadata.jwks_uri);
      const usable = all.filter(({ kty, use }) => kty === "RSA" && (use ?? "sig") === "sig");
      keys = new Map(usable.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: "jwk" })]));
      loaded = now();
    }
    return keys.get(kid);
  }

  return async function verify(token) {
    const parts = token.split(".");
    if (parts.length !== 3) return undefined;
    let header, claims;
    try {
      [header, claims] = parts.slice(0, 2).map((it) => JSON.parse(Buffer.from(it, "base64url")));
    } catch {
      return undefined;
    }
    // Only what this API expects: never the algorithm that a token names.
    if (header?.alg !== "RS256" || header.crit !== undefined) return undefined;
    const key = await keyOf(header.kid);
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
    if (!key || !verifySignature("RSA-SHA256", signed, key, Buffer.from(parts[2], "base64url"))) {
      return undefined;
    }
    const time = now();
    const isCurrent =
      claims.exp > time - LEEWAY_SECONDS && !(claims.nbf > time + LEEWAY_SECONDS);
    const isForUs = claims.iss === issuer && [claims.aud].flat().includes(audience);
    return isCurrent && isForUs && typeof claims.sub === "string" ? claims : undefined;
  };
}

async function json(url) {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
