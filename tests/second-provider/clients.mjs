// The clients that this provider knows.

import { randomBytes } from 'node:crypto';

const secret = () => randomBytes(32).toString('base64url');

/** The confidential web app: code flow with PKCE, refresh tokens, sign-out. */
export const web = { client_id: 'tollgate-web', client_secret: secret() };
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

/** The registrations; `app` is the origin of the web app. */
export const clients = (app) => [
  {
    ...web,
    redirect_uris: [`${app}/callback`],
    post_logout_redirect_uris: [`${app}/signedout`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  machine(daemon),
  machine(reader),
];
