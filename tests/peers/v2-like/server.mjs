// The current oidc-provider with the routes and habits of OneLogin v2: updated_at in seconds, a refresh token only
// for offline_access, claims in the ID token. Usage: node server.mjs [port]

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import Provider, { errors } from 'oidc-provider';

import { claimsByScope, clients as makeClients, people as makePeople, serve } from '../people.mjs';

const people = makePeople(1_666_000_000);
const clients = makeClients();

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('hex');
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
}

const account = (person) =>
  person && {
    accountId: person.claims.sub,
    claims: async () => person.claims,
  };

/** The password grant: the tokens that this version gives for a code, without a code. */
async function passwordGrant(ctx) {
  const { client, params, provider } = ctx.oidc;
  const { username, password, scope = 'openid' } = params;
  const person = people.check(username, password);
  if (!person) {
    throw new errors.InvalidGrant('invalid username or password');
  }
  const accountId = person.claims.sub;
  ctx.oidc.entity('Account', account(person));

  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope(scope);
  ctx.oidc.entity('Grant', grant);
  const shared = {
    accountId,
    authTime: Math.floor(Date.now() / 1000),
    client,
    grantId: await grant.save(),
    gty: 'password',
    scope,
  };

  const accessToken = new provider.AccessToken(shared);
  const body = {
    access_token: await accessToken.save(),
    expires_in: accessToken.expiration,
    scope,
    token_type: accessToken.tokenType,
  };
  ctx.oidc.entity('AccessToken', accessToken);
  const scopes = scope.split(' ');
  if (scopes.includes('offline_access')) {
    const refreshToken = new provider.RefreshToken({ ...shared, rotations: 0 });
    body.refresh_token = await refreshToken.save();
    ctx.oidc.entity('RefreshToken', refreshToken);
  }
  if (scopes.includes('openid')) {
    const token = new provider.IdToken(person.claims, { ctx });
    token.scope = grant.getOIDCScopeFiltered(new Set(scopes));
    token.mask = {};
    token.rejected = [];
    token.set('at_hash', body.access_token);
    body.id_token = await token.issue({ use: 'idtoken' });
  }
  ctx.body = body;
}

await serve({
  path: '/oidc/2',
  people,
  clients,
  async build(issuer) {
    const provider = new Provider(issuer, {
      claims: { acr: null, auth_time: null, iss: null, sid: null, ...claimsByScope },
      clients,
      // OneLogin puts the claims of the scopes into the ID token even where UserInfo could bring them.
      conformIdTokenClaims: false,
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
      cookies: { keys: [randomBytes(16).toString('hex')] },
      features: {
        claimsParameter: { enabled: true },
        // The pages where the authorization endpoint asks for a user name and for consent.
        devInteractions: { enabled: true },
        introspection: { enabled: true, allowedPolicy: async () => true },
        jwtUserinfo: { enabled: true },
        revocation: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      findAccount: async (ctx, id) => account(people.find(id)),
      jwks: { keys: [signingKey()] },
      pkce: { required: () => false },
      responseTypes: ['code', 'id_token token', 'id_token'],
      rotateRefreshToken: true,
      routes: {
        authorization: '/auth',
        end_session: '/logout',
        introspection: '/token/introspection',
        jwks: '/certs',
        revocation: '/token/revocation',
        token: '/token',
        userinfo: '/me',
      },
      scopes: [...Object.keys(claimsByScope), 'offline_access'],
      ttl: { AccessToken: 3600, Grant: 86400, IdToken: 7200, RefreshToken: 86400 },
    });
    provider.registerGrantType('password', passwordGrant, ['username', 'password', 'scope']);
    provider.on('server_error', (ctx, error) => console.error(error));
    return provider.callback();
  },
});
