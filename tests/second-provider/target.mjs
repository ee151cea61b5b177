// How to sign in here and get tokens: the `provider` part of the description
// that the black-box suite reads, and the settings of an app that uses it.

import { daemon, keyed, reader, web } from './clients.mjs';
import { audience, elsewhere, scopes } from './configuration.mjs';

/** How the app shows who it is: by a secret, or by a key. */
const credential = (clientAuth) =>
  clientAuth === 'private_key_jwt'
    ? { OIDC_CLIENT_ID: keyed.client_id, OIDC_CLIENT_AUTH: clientAuth, OIDC_CLIENT_KEY: keyed.key }
    : { OIDC_CLIENT_ID: web.client_id, OIDC_CLIENT_AUTH: clientAuth, OIDC_CLIENT_SECRET: web.client_secret };

export const target = (origin, its, options) => ({
  provider: {
    kind: 'oidc-provider',
    issuer: origin + its.path,
    token_endpoint: `${origin}${its.path.replace(/\/$/, '')}/token`,
    users: ['ada@example.com', 'grace@example.com'].map((username) => ({
      username,
      password: 'any password will do',
      name: username,
    })),
    daemon: { ...daemon, scope: its.scopes(daemon.client_id) },
    reader: { ...reader, scope: 'ToDoList.Read' },
    elsewhere: { ...daemon, scope: scopes, resource: elsewhere },
  },
  control: `${origin}/dev`,
  // What to put into the settings that docs/providers.md shows.
  placeholders: {
    'https://<tenant>.<region>.auth0.com/': `${origin}/`,
    '<api-identifier>': audience,
    'https://<host>': origin,
    '<realm>': 'todos',
  },
  settings: {
    ...credential(options['client-auth']),
    ...its.settings(origin),
  },
});
