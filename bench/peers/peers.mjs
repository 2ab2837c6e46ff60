// What people use instead, measured inside a process that is warm: openid-client for sign-ins, jose for tokens.
// One JSON request on each line of standard input, one JSON answer on each line of standard output. It ends with
// its input.

import { createInterface } from 'node:readline';

import { createLocalJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';

/** What the sign-ins are made with. */
let given;
/** Of the last discovery: with it the provider is known. */
let known;
/** What a code has to agree with. */
let pending;

async function discovered() {
  known = await oidc.discovery(
    new URL(given.issuer),
    given.client_id,
    {},
    oidc.ClientSecretBasic(given.client_secret),
    // The signature of the ID token is verified, as everywhere else in this benchmark.
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );
  return known;
}

async function userinfo(config, tokens) {
  await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const requests = {
  async begin(request) {
    given = request;
    known = undefined;
    return {};
  },

  async sign_in(request) {
    const before = request.known ? (known ?? (await discovered())) : undefined;
    const ms = await timed(async () => {
      const config = before ?? (await discovered());
      const { username, password, scope } = given;
      await userinfo(config, await oidc.genericGrantRequest(config, 'password', { username, password, scope }));
    });
    return { ms };
  },

  async authorize() {
    const config = known ?? (await discovered());
    const verifier = oidc.randomPKCECodeVerifier();
    pending = { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() };
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: given.redirect_uri,
      scope: given.scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href };
  },

  async redirected({ url }) {
    const { verifier, state, nonce } = pending;
    const ms = await timed(async () => {
      const tokens = await oidc.authorizationCodeGrant(known, new URL(url), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
      });
      await userinfo(known, tokens);
    });
    return { ms };
  },

  async validate({ token, jwks, issuer, audience, now, times }) {
    const keys = createLocalJWKSet(jwks);
    const options = { issuer, audience, algorithms: ['RS256'], currentDate: new Date(now * 1000) };
    const ms = await timed(async () => {
      for (let time = 0; time < times; time += 1) await jwtVerify(token, keys, options);
    });
    return { ms };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = await requests[ask](request);
  } catch (error) {
    answer = { error: `${error?.code ?? ''} ${error?.message ?? error}`.trim() };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
