// What makes this provider fit the API: its resource, its scopes, JWT access
// tokens (RFC 9068), PKCE for everyone and refresh tokens that are used once.
// Everything else is as the library's author chose it.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { errors } from 'oidc-provider';
import { clients, reader } from './clients.mjs';
import { endsAtOnce } from './control.mjs';

/** The `aud` of access tokens for the API. */
export const audience = 'https://todos.example/';
/** An API that is not ours: a token for it must not pass. */
export const elsewhere = 'https://elsewhere.example/';
/** The scopes that the API knows. */
export const scopes = 'ToDoList.Read ToDoList.ReadWrite';
const readOnly = 'ToDoList.Read';

const HOUR = 3600;

/** What differs at other providers, by name; the sources are in `dev/idp/src/profiles`. */
const generic = {
  path: '',
  scopes: (machine) => (machine === reader.client_id ? readOnly : scopes),
  audience: (resource) => resource,
  asksFor: () => audience,
  payload: (claims) => claims,
  /** What docs/providers.md does not show. */
  settings: (origin) => ({ OIDC_ISSUER: origin, OIDC_SCOPES: scopes, API_AUDIENCE: audience }),
};
const ofApps = (machine) => (machine ? 'ToDoList.Read.All ToDoList.ReadWrite.All' : scopes);
const likes = {
  generic,
  auth0: {
    ...generic,
    // An issuer has a slash at its end.
    path: '/',
    scopes: ofApps,
    // Without `audience`, tokens are opaque.
    asksFor: (ctx) => (ctx.oidc.route === 'authorization' ? ctx.oidc.params.audience : audience),
    payload: ({ client_id: azp, ...claims }, machine) =>
      machine ? { ...claims, azp, sub: `${azp}@clients`, permissions: claims.scope.split(' ') } : { ...claims, azp },
    settings: () => ({ OIDC_PROVIDER: 'auth0' }),
  },
  keycloak: {
    ...generic,
    path: '/realms/todos',
    scopes: ofApps,
    audience: () => 'tollgate-api',
    payload: ({ client_id: azp, ...claims }, machine) =>
      machine ? { ...claims, azp, clientAddress: '127.0.0.1' } : { ...claims, azp },
    // The issuer selects the profile.
    settings: () => ({}),
  },
};

/** The provider that this one resembles. */
export const like = (name) => likes[name];

const resourceServer = (resource, client, its) => {
  if (![audience, elsewhere].includes(resource)) throw new errors.InvalidTarget();
  return {
    audience: its.audience(resource),
    scope: its.scopes(client.grantTypeAllowed('client_credentials') && client.clientId),
    accessTokenFormat: 'jwt',
    accessTokenTTL: HOUR,
    jwt: { sign: { alg: 'RS256' } },
  };
};

const signingKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') };
};

/**
 * `app` is the origin of the web app; `requirePar` refuses authorization requests that were not
 * pushed (RFC 9126), and says so in the metadata; `its` is what differs at the provider that this
 * one resembles.
 */
export const configuration = (app, { requirePar, its }) => ({
  clients: clients(app),
  extraParams: ['audience'],
  formats: {
    customizers: {
      jwt: (ctx, token, parts) => {
        parts.payload = its.payload(parts.payload, token.kind === 'ClientCredentials');
        if (endsAtOnce()) parts.payload.exp = parts.payload.iat;
        return parts;
      },
    },
  },
  jwks: { keys: [signingKey()] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  // Whoever types a name is that person.
  findAccount: (ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: sub, preferred_username: sub, email: sub }),
  }),
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email'],
  },
  // With the code flow this library leaves names to the userinfo endpoint unless
  // told otherwise; what the app shows comes from the ID token.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  ttl: {
    AccessToken: HOUR,
    ClientCredentials: HOUR,
    Grant: 14 * HOUR,
    IdToken: HOUR,
    Interaction: HOUR,
    RefreshToken: 14 * HOUR,
    Session: 14 * HOUR,
  },
  // Logout tokens go to an app on this machine, where the dispatcher that the library passes,
  // a guard against server-side request forgery, would let nothing through.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  features: {
    backchannelLogout: { enabled: true },
    clientCredentials: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: requirePar },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // Neither the app nor the machines send `resource`: the API is meant.
      defaultResource: (ctx) => its.asksFor(ctx),
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource, client) => resourceServer(resource, client, its),
    },
  },
});
