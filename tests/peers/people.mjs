// What both providers share: the documented people, the clients, and the way a test starts and ends a provider.
// Nothing in here knows OpenID Connect; that is the providers' business.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

/** A value nobody can guess and no other run repeats, so that a test may search for it. */
const fresh = (prefix) => `${prefix}-${randomBytes(12).toString('base64url')}`;

/** The people of OneLogin's documentation. `updatedAt` differs between the generations. */
export function people(updatedAt) {
  const list = [
    {
      username: 'peggy.sue',
      // Every character that form encoding has to get right.
      password: `${fresh('pass')} +&=%/?:;"'\\ é`,
      claims: {
        sub: '32916209',
        name: 'Peggy Sue',
        given_name: 'Peggy',
        family_name: 'Sue',
        preferred_username: 'peggy.sue',
        email: 'peggy.sue@onelogin.com',
        email_verified: true,
        phone_number: '+1 555 0100',
        groups: ['Admin Role', 'User Role', 'Custom Roll'],
        params: { department: 'Accounts', location: 'San Francisco' },
        updated_at: updatedAt,
      },
    },
    {
      username: 'sally',
      password: fresh('pass'),
      claims: {
        sub: '35666371',
        name: 'Sally Tyler',
        given_name: 'Sally',
        family_name: 'Tyler',
        preferred_username: 'sally',
        email: 'sally@onelogin.com',
        email_verified: true,
        groups: ['User Role'],
        updated_at: updatedAt,
      },
    },
  ];
  return {
    list,
    /** By the name that is typed or by the subject, since a token remembers the latter. */
    find: (id) => list.find((person) => person.username === id || person.claims.sub === id),
    /** The person, when the password is theirs. */
    check: (username, password) =>
      list.find((person) => person.username === username && person.password === password),
  };
}

/** Claims by scope, with OneLogin's own scopes beside the standard ones. */
export const claimsByScope = {
  openid: ['sub'],
  name: ['name'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'updated_at'],
  email: ['email', 'email_verified'],
  phone: ['phone_number'],
  groups: ['groups'],
  params: ['params'],
};

/** The redirect URI of the web clients; nothing listens there. */
const web = ['https://app.example.com/callback'];

const everyFlow = {
  grant_types: ['authorization_code', 'implicit', 'refresh_token', 'password'],
  response_types: ['code', 'id_token', 'id_token token'],
  redirect_uris: web,
};

/** One client for each way to authenticate, one whose UserInfo is signed, one on the loopback interface. */
export function clients() {
  // The characters that RFC 6749 §2.3.1 has a client encode in the Basic header; both versions decode them.
  const secret = () => `${fresh('secret')} +&=%:/?`;
  return [
    {
      client_id: 'basic-client',
      client_secret: secret(),
      token_endpoint_auth_method: 'client_secret_basic',
      ...everyFlow,
    },
    {
      client_id: 'post-client',
      client_secret: secret(),
      token_endpoint_auth_method: 'client_secret_post',
      ...everyFlow,
    },
    { client_id: 'public-client', token_endpoint_auth_method: 'none', ...everyFlow },
    {
      client_id: 'signed-userinfo-client',
      client_secret: secret(),
      token_endpoint_auth_method: 'client_secret_basic',
      userinfo_signed_response_alg: 'RS256',
      ...everyFlow,
    },
    {
      client_id: 'native-client',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      ...everyFlow,
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ];
}

const method = { client_secret_basic: 'basic', client_secret_post: 'post', none: 'none' };

/**
 * Listens on loopback, builds the provider for the port it got, and says on one line that it is ready.
 *
 * `build(issuer)` returns the request handler. The process ends when its standard input does, so a test that is
 * killed leaves nothing behind, and on SIGTERM.
 */
export async function serve({ path, people, clients, build }) {
  // The line is the only thing on standard output; what a provider has to say goes to standard error.
  console.log = console.info = console.warn = console.debug = console.error;

  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${server.address().port}${path}`;
  const handler = await build(issuer);

  server.on('request', (request, response) => {
    const inside = request.url.startsWith(`${path}/`);
    if (!inside) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing here\n');
      return;
    }
    // What a framework does when it mounts the provider below a path.
    request.originalUrl = request.url;
    request.url = request.url.slice(path.length);
    handler(request, response);
  });

  const stop = () => process.exit(0);
  process.on('SIGTERM', stop);
  process.stdin.on('end', stop).on('error', stop).resume();

  const facts = {
    issuer,
    clients: clients.map((client) => ({
      client_id: client.client_id,
      client_secret: client.client_secret ?? null,
      auth_method: method[client.token_endpoint_auth_method],
      redirect_uris: client.redirect_uris,
      signed_userinfo: client.userinfo_signed_response_alg !== undefined,
    })),
    users: people.list.map(({ username, password, claims }) => ({
      username,
      password,
      sub: claims.sub,
      outcome: 'ok',
    })),
  };
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}
