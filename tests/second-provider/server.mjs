// An OpenID provider that shares no code with ours: the certified oidc-provider,
// with its own sign-in pages, its own token formats and a site of its own.
// The black-box suite signs in at it, so that our provider and our client cannot
// merely agree with each other. Nothing outlives the process; loopback only.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Provider } from 'oidc-provider';
import { configuration, like } from './configuration.mjs';
import { control } from './control.mjs';
import { target } from './target.mjs';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string' }, // where to listen
    app: { type: 'string' }, // the origin of the web app that signs in here
    details: { type: 'string' }, // where to say, once it listens, how to use it
    'client-auth': { type: 'string', default: 'client_secret_basic' }, // or private_key_jwt: what the details tell the app to use
    like: { type: 'string', default: 'generic' }, // or auth0, keycloak
    'require-par': { type: 'boolean', default: false }, // take pushed requests only
  },
});
for (const name of ['port', 'app', 'details']) {
  if (!options[name]) {
    console.error(`usage: node server.mjs --port PORT --app ORIGIN --details FILE (--${name} is missing)`);
    process.exit(2);
  }
}

// The address and not the name: the app is at http://localhost, so that a
// browser takes the two for different sites, as they are in production.
const origin = `http://127.0.0.1:${options.port}`;
const its = like(options.like);
const issuer = origin + its.path;
const provider = new Provider(issuer, configuration(options.app, { requirePar: options['require-par'], its }));

provider.on('server_error', (ctx, error) => console.error(ctx.path, error));
for (const event of ['authorization', 'backchannel', 'grant', 'end_session', 'introspection', 'pushed_authorization_request']) {
  provider.on(`${event}.error`, (ctx, error) => console.error(event, error.message, error.error_detail ?? ''));
}

control(provider);
const handle = provider.callback();
const server = createServer((request, response) => {
  // As Express mounts an application.
  request.originalUrl = request.url;
  request.url = request.url.replace(its.path.replace(/\/$/, ''), '');
  return handle(request, response);
});
server.listen(Number(options.port), '127.0.0.1', () => {
  writeFileSync(options.details, JSON.stringify(target(origin, its, options), null, 2));
  console.log(`listening as ${issuer}`);
});
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(0));
}
