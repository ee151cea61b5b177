// Makes tokens end for a test: takes two fields of the form of `dev/idp`'s control page.

import { text } from 'node:stream/consumers';

const CONTROL = '/dev/users/ada@example.com';
const grants = new Set();
let ending = false;

/** Whether access tokens end when they are issued. */
export const endsAtOnce = () => ending;

/** Has `provider` take control requests. */
export const control = (provider) => {
  provider.on('refresh_token.saved', (token) => grants.add(token.grantId));
  provider.use(async (ctx, next) => {
    if (ctx.path !== CONTROL) {
      await next();
      if (ending && ctx.body?.expires_in) ctx.body.expires_in = 0;
      return;
    }
    const form = new URLSearchParams(await text(ctx.req));
    ending = form.has('access_token_seconds');
    if (form.has('refresh_refused')) {
      await Promise.all([...grants].map((grant) => provider.RefreshToken.revokeByGrantId(grant)));
    }
    ctx.body = '';
  });
};
