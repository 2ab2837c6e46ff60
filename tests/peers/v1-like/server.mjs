// oidc-provider 3.0.3 with the routes and habits of OneLogin v1: an ISO 8601 updated_at, and a refresh token from
// every password grant. Usage: node server.mjs [port]

import { randomBytes } from 'node:crypto';

import Provider from 'oidc-provider';

import { claimsByScope, clients as makeClients, people as makePeople, serve } from '../people.mjs';

const people = makePeople('2017-10-13T16:03:03.000Z');
const clients = makeClients();

const account = (person) =>
  person && {
    accountId: person.claims.sub,
    claims: async () => person.claims,
  };

/** The password grant: the tokens that this version gives for a code, without a code. */
function passwordGrant(provider) {
  const { AccessToken, IdToken, RefreshToken } = provider;
  return async function passwordResponse(ctx, next) {
    const { username, password, scope = 'openid' } = ctx.oidc.params;
    const person = people.check(username, password);
    if (!person) {
      ctx.throw(400, 'invalid_grant', { error_description: 'invalid username or password' });
    }
    const { clientId, sectorIdentifier } = ctx.oidc.client;
    const shared = {
      accountId: person.claims.sub,
      authTime: Math.floor(Date.now() / 1000),
      claims: {},
      clientId,
      grantId: randomBytes(16).toString('hex'),
      scope,
    };
    const accessToken = await new AccessToken(shared).save();
    const refreshToken = await new RefreshToken(shared).save();
    let idToken;
    if (scope.split(' ').includes('openid')) {
      const token = new IdToken(person.claims, sectorIdentifier);
      token.scope = scope;
      token.mask = {};
      token.set('at_hash', accessToken);
      token.set('rt_hash', refreshToken);
      idToken = await token.sign(ctx.oidc.client);
    }
    ctx.body = {
      access_token: accessToken,
      expires_in: AccessToken.expiresIn,
      id_token: idToken,
      refresh_token: refreshToken,
      scope,
      token_type: 'Bearer',
    };
    await next();
  };
}

await serve({
  path: '/oidc',
  people,
  clients,
  async build(issuer) {
    const provider = new Provider(issuer, {
      claims: { acr: null, auth_time: null, iss: null, ...claimsByScope },
      scopes: [...Object.keys(claimsByScope), 'offline_access'],
      cookies: { keys: [randomBytes(16).toString('hex')], short: { signed: true }, long: { signed: true } },
      features: {
        alwaysIssueRefresh: true,
        claimsParameter: true,
        // The pages where the authorization endpoint asks for a user name and for consent.
        devInteractions: true,
        introspection: true,
        revocation: true,
      },
      findById: async (ctx, id) => account(people.find(id)),
      responseTypes: ['code', 'id_token token', 'id_token'],
      tokenEndpointAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
      ttl: { AccessToken: 3600, IdToken: 7200, RefreshToken: 86400 },
    });
    provider.registerGrantType('password', passwordGrant, ['username', 'password', 'scope']);

    const keystore = Provider.createKeyStore();
    await keystore.generate('RSA', 2048, { alg: 'RS256', use: 'sig' });
    await provider.initialize({ clients, keystore });
    provider.on('server_error', (error) => console.error(error));
    return provider.callback;
  },
});
