// The clients that this provider knows.

import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';

const secret = () => randomBytes(32).toString('base64url');

/** The confidential web app: code flow with PKCE, refresh tokens, sign-out. */
export const web = { client_id: 'tollgate-web', client_secret: secret() };
/** The web app with a key instead of a secret (`private_key_jwt`). */
export const keyed = {
  client_id: 'tollgate-web-keyed',
  key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
};
/** A machine that may read and write. */
export const daemon = { client_id: 'tollgate-daemon', client_secret: secret() };
/** A machine that may only read. */
export const reader = { client_id: 'tollgate-reader', client_secret: secret() };

const machine = (client) => ({
  ...client,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});

/** What a browser signs in to, at `app`. */
const application = (app) => ({
  redirect_uris: [`${app}/callback`],
  post_logout_redirect_uris: [`${app}/signedout`],
  backchannel_logout_uri: `${app}/backchannel-logout`,
  // Without it this library puts `sid` neither into the logout token nor into the ID token.
  backchannel_logout_session_required: true,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
});

/** The registrations; `app` is the origin of the web app. */
export const clients = (app) => [
  { ...web, ...application(app), token_endpoint_auth_method: 'client_secret_basic' },
  {
    client_id: keyed.client_id,
    ...application(app),
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...createPublicKey(keyed.key).export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  },
  machine(daemon),
  machine(reader),
];
