// How to sign in here and get tokens: the `provider` part of the description
// that the black-box suite reads, and the settings of an app that uses it.

import { daemon, keyed, reader, web } from './clients.mjs';
import { audience, elsewhere, scopes } from './configuration.mjs';

/** How the app shows who it is: by a secret, or by a key. */
const credential = (clientAuth) =>
  clientAuth === 'private_key_jwt'
    ? { OIDC_CLIENT_ID: keyed.client_id, OIDC_CLIENT_AUTH: clientAuth, OIDC_CLIENT_KEY: keyed.key }
    : { OIDC_CLIENT_ID: web.client_id, OIDC_CLIENT_AUTH: clientAuth, OIDC_CLIENT_SECRET: web.client_secret };

export const target = (issuer, clientAuth) => ({
  provider: {
    kind: 'oidc-provider',
    issuer,
    token_endpoint: `${issuer}/token`,
    users: ['ada@example.com', 'grace@example.com'].map((username) => ({
      username,
      password: 'any password will do',
      name: username,
    })),
    daemon: { ...daemon, scope: scopes },
    reader: { ...reader, scope: 'ToDoList.Read' },
    elsewhere: { ...daemon, scope: scopes, resource: elsewhere },
  },
  settings: {
    OIDC_ISSUER: issuer,
    ...credential(clientAuth),
    OIDC_SCOPES: scopes,
    API_AUDIENCE: audience,
  },
});
