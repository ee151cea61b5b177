// What it costs Node to verify the token that the benchmark of crates/auth verifies.
//
//     node verify.js FILE      FILE: what TOLLGATE_BENCH_TOKEN names (crates/auth/benches/verify)
//
// The time is that of the process's CPU, threads included, and the median of turns.

import { readFileSync } from "node:fs";
import { JwtVerifier } from "aws-jwt-verify";
import { createLocalJWKSet, jwtVerify } from "jose";

const ROUNDS = 60;
const TURN = 500;

const { token, jwks, issuer, audience } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/keys` });
verifier.cacheJwks(jwks);
const keys = createLocalJWKSet(jwks);

const cases = {
  "aws-jwt-verify": () => verifier.verifySync(token),
  jose: () => jwtVerify(token, keys, { issuer, audience }),
};

const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of Object.entries(cases)) {
    const before = process.cpuUsage();
    for (let turn = 0; turn < TURN; turn += 1) await run();
    const { user, system } = process.cpuUsage(before);
    times[name].push((user + system) / TURN);
  }
}

// The first rounds warm the compiler up.
const median = (values) => values.slice(ROUNDS / 3).sort((a, b) => a - b)[ROUNDS / 3];
console.log(JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))));
