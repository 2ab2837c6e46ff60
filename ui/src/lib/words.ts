// One table for each closed set that comes from Rust. The types are exhaustive: a new variant there
// breaks the type check here, and nothing is ever shown by its code alone.

import type { AuthMethod } from './bindings/AuthMethod';
import type { Browser } from './bindings/Browser';
import type { Check } from './bindings/Check';
import type { Endpoint } from './bindings/Endpoint';
import type { Fix } from './bindings/Fix';
import type { Kept } from './bindings/Kept';
import type { Outcome } from './bindings/Outcome';
import type { PageTls } from './bindings/PageTls';
import type { ProblemKind } from './bindings/ProblemKind';
import type { ResponseMode } from './bindings/ResponseMode';
import type { ResponseType } from './bindings/ResponseType';
import type { SessionDeed } from './bindings/SessionDeed';
import type { Status } from './bindings/Status';
import type { StepName } from './bindings/StepName';
import type { StepState } from './bindings/StepState';
import type { StoredState } from './bindings/StoredState';
import type { TokenKind } from './bindings/TokenKind';

/** How loud something is. Never told by colour alone: a word or an icon says the same. */
export type Severity = 'good' | 'bad' | 'note' | 'quiet';

export const CHECK: Record<Check, string> = {
  metadata_issuer: 'Metadata issuer',
  metadata_endpoints: 'Endpoints',
  metadata_required: 'Required metadata',
  metadata_grant: 'Grant offered',
  metadata_auth_method: 'Client authentication offered',
  metadata_scopes: 'Scopes offered',
  metadata_algorithms: 'Signing algorithms offered',
  metadata_pkce: 'PKCE offered',
  issuer_retired: 'Provider generation',
  key_set: 'Key set',
  key_private: 'Public keys only',
  key_strength: 'Key strength',
  key_ids: 'Key identifiers',
  authorization_parameters: 'Answer parameters',
  authorization_state: 'State',
  authorization_issuer: 'Answer issuer',
  authorization_response_mode: 'Response mode',
  authorization_response: 'Authorization answer',
  token_type: 'Token type',
  access_token: 'Access token',
  refresh_token: 'Refresh token',
  deprecated_refresh_token: 'Deprecated member',
  granted_scope: 'Granted scope',
  id_token: 'ID token',
  id_token_format: 'Format',
  id_token_header: 'Header',
  id_token_algorithm: 'Algorithm',
  id_token_signature: 'Signature',
  id_token_issuer: 'Issuer',
  id_token_audience: 'Audience',
  id_token_authorized_party: 'Authorized party',
  id_token_expires: 'Expires',
  id_token_issued_at: 'Issued at',
  id_token_not_before: 'Not before',
  id_token_nonce: 'Nonce',
  id_token_access_token_hash: 'Access token hash',
  id_token_refresh_token_hash: 'Refresh token hash',
  id_token_code_hash: 'Code hash',
  id_token_subject: 'Subject',
  id_token_acr: 'Authentication context',
  id_token_auth_time: 'Authentication time',
  id_token_unchanged: 'Same as the first sign-in',
  user_info: 'UserInfo',
  user_info_signature: 'UserInfo signature',
  user_info_subject: 'UserInfo subject',
  introspection: 'Introspection',
  introspection_claims: 'Introspection claims',
  revocation: 'Revocation',
  revocation_proof: 'Proof of revocation',
  end_session_state: 'Sign-out state',
  groups: 'Groups',
  updated_at: 'Updated at',
  clock_skew: 'Clock',
};

/** What a check is about, in the order in which people look. */
export const CHECK_GROUPS = [
  'ID token',
  'UserInfo and claims',
  'Authorization answer',
  'Token answer',
  'Session',
  'Provider',
] as const;
export type CheckGroup = (typeof CHECK_GROUPS)[number];

export function checkGroup(check: Check): CheckGroup {
  if (check.startsWith('id_token')) return 'ID token';
  if (check.startsWith('user_info') || check === 'groups' || check === 'updated_at') {
    return 'UserInfo and claims';
  }
  if (check.startsWith('authorization_')) return 'Authorization answer';
  if (
    check.startsWith('introspection') ||
    check.startsWith('revocation') ||
    check === 'end_session_state'
  ) {
    return 'Session';
  }
  if (check.startsWith('metadata_') || check.startsWith('key_') || check === 'issuer_retired') {
    return 'Provider';
  }
  return 'Token answer';
}

export const STATUS: Record<Status, { label: string; severity: Severity }> = {
  passed: { label: 'Passed', severity: 'good' },
  failed: { label: 'Failed', severity: 'bad' },
  warning: { label: 'Note', severity: 'note' },
  not_due: { label: 'Not due', severity: 'quiet' },
};

/** The verdict in one sentence, without its full stop. The explanation comes from Rust. */
export const PROBLEM: Record<ProblemKind, string> = {
  invalid_input: 'Something in the form needs a change',
  invalid_issuer: 'The issuer is no usable address',
  oauth_error: 'The provider refused the request',
  http_status: 'The provider answered with an unexpected status',
  rate_limited: 'The provider asks to wait',
  redirect: 'The provider answered with a redirect',
  not_json: 'The answer is not JSON',
  malformed: 'The answer breaks the rules',
  missing_metadata: 'The metadata lack something that is needed',
  issuer_mismatch: 'The metadata name another issuer',
  unsafe_endpoint: 'The metadata name an endpoint that may not be used',
  unconfirmed_host: 'The credentials would go to another host',
  rejected: 'A check failed',
  dns: 'The host name is not known',
  connection_refused: 'Nothing answers at that address',
  connection_failed: 'The connection failed',
  outcome_unknown: 'The connection broke, the outcome is unknown',
  tls_expired: 'The certificate is out of date',
  tls_unknown_issuer: 'The certificate is not trusted on this computer',
  tls_wrong_host: 'The certificate is for another host',
  tls_failed: 'No secure connection could be made',
  proxy: 'The proxy is in the way',
  timed_out: 'No answer in time',
  too_large: 'The answer is too large',
  cancelled: 'Cancelled',
  keychain_absent: 'This computer has no keychain service',
  keychain_locked: 'The keychain is locked',
  keychain_timed_out: 'The keychain did not answer in time',
  keychain_failed: 'The keychain refused',
  nothing_stored: 'The keychain holds nothing for this connection',
  configuration: 'The configuration cannot be used',
  policy: 'This computer’s policy does not allow it',
};

export const OUTCOME: Record<Outcome, { label: string; severity: Severity }> = {
  signed_in: { label: 'signed in', severity: 'good' },
  rejected: { label: 'rejected by a check', severity: 'bad' },
  provider_error: { label: 'refused by the provider', severity: 'bad' },
  network_error: { label: 'failed on the way', severity: 'bad' },
};

export const ENDPOINT: Record<Endpoint, string> = {
  discovery: 'Discovery',
  jwks: 'Keys',
  authorization: 'Authorization',
  token: 'Token',
  userinfo: 'UserInfo',
  introspection: 'Introspection',
  revocation: 'Revocation',
  end_session: 'Sign-out',
};

export const STEP: Record<StepName, string> = {
  discovery: 'Discovery',
  authorization: 'Authorization',
  keys: 'Keys',
  token: 'Token',
  verify: 'Verify',
  userinfo: 'UserInfo',
};

/** Where a page of the provider opens, and when that is the one to choose. */
export const BROWSER: Record<Browser, { label: string; hint: string }> = {
  login_window: {
    label: 'Login window',
    hint: 'The usual choice: takes any registered redirect URI.',
  },
  system: {
    label: 'System browser',
    hint: 'For passkeys and device checks, and where embedded views are forbidden.',
  },
};

/** A computer that somebody manages for its users. */
export const MANAGED = {
  mark: 'Managed',
  connection: 'Set by this computer’s policy',
  yields: 'A managed connection has this name',
  rename:
    'On the command line this name means the managed connection. Rename yours to use it there.',
  fix: 'This computer’s policy sets the connection: whoever manages the computer can change it.',
  noLoginWindow: 'This computer’s policy turns the login window off.',
};

/** What a sign-out from there does to the browser; empty: from here, without one. */
export const SIGN_OUT_FROM: Record<Browser | '', string> = {
  '': 'Without a browser: one that is signed in stays so.',
  login_window: 'Ends the browser session that is kept for this connection as well.',
  system: 'Ends the session of your own browser as well.',
};

export const RESPONSE_TYPE: Record<ResponseType, string> = {
  code: 'Authorization code with PKCE',
  'id_token token': 'Implicit flow, ID token and access token',
  id_token: 'Implicit flow, ID token alone',
};

export const RESPONSE_MODE: Record<ResponseMode, string> = {
  query: 'In the query of the redirect URI.',
  fragment: 'In the fragment, which no server sees.',
  form_post: 'Posted to the redirect URI as a form.',
};

/** OIDC Core §3.1.2.1. */
export const PROMPT = {
  login: 'Signs in afresh, whatever session there is.',
  none: 'Shows no page, uses the browser’s session.',
  consent: 'Asks for consent again.',
  select_account: 'Asks which account to use.',
};
export type Prompt = keyof typeof PROMPT;

export const PROMPT_NOT_SENT = 'The provider decides what it asks.';

/** `prompt=none` where there is nothing to go on. */
export const NO_SESSION = 'No kept session: ends with login_required.';

/** Never told by colour alone. */
export const PAGE_TLS: Record<PageTls, { label: string; severity: Severity }> = {
  holds: { label: 'Protected by TLS, the certificate is trusted', severity: 'good' },
  loopback: { label: 'On this computer, no TLS needed', severity: 'quiet' },
  none: {
    label: 'Not protected: no TLS, anybody on the way can read and change it',
    severity: 'bad',
  },
};

/** `null`: the measured time says it. */
export const STEP_STATE: Record<StepState, string | null> = {
  waiting: 'waiting',
  running: 'running',
  done: null,
  ready: 'ready',
  failed: 'failed',
  skipped: 'not sent',
};

export const METHOD: Record<AuthMethod, string> = {
  basic: 'Basic',
  post: 'POST',
  none: 'None (PKCE)',
};

export const METHOD_SHORT: Record<AuthMethod, string> = {
  basic: 'Basic',
  post: 'POST',
  none: 'PKCE',
};

export const METHOD_HINT: Record<AuthMethod, string> = {
  basic: 'id and secret in a header',
  post: 'id and secret in the body',
  none: 'no secret',
};

export const TOKEN: Record<TokenKind, string> = {
  access_token: 'Access token',
  refresh_token: 'Refresh token',
  id_token: 'ID token',
};

/** What can be done to a session at the provider. */
export const DEED: Record<SessionDeed, { button: string; busy: string; noun: string }> = {
  introspect: { button: 'Introspect', busy: 'Introspecting…', noun: 'introspection' },
  revoke: { button: 'Revoke', busy: 'Revoking…', noun: 'revocation' },
  sign_out: { button: 'Sign out', busy: 'Signing out…', noun: 'sign-out' },
};

export const KEPT: Record<Kept, string> = {
  none: 'No refresh token came.',
  keychain: 'Refresh token kept in the keychain.',
  session_only: 'Refresh token kept until this window closes.',
};

export const STORED: Record<StoredState, { text: string; severity: Severity }> = {
  held: { text: 'The keychain holds a refresh token for this connection.', severity: 'good' },
  empty: { text: 'The keychain holds no refresh token for this connection.', severity: 'quiet' },
  locked: { text: 'The keychain is locked.', severity: 'note' },
  absent: { text: 'This computer has no keychain service.', severity: 'note' },
  timed_out: { text: 'The keychain did not answer in time.', severity: 'note' },
  failed: { text: 'The keychain refused.', severity: 'note' },
};

/** What the form of a connection says of the provider that is typed. */
export const LOOKUP = {
  none: 'The provider is looked up while you type.',
  busy: 'Looking up the provider…',
  found: 'Found',
  wanting: 'Found, with something to look at',
  notAsked: 'Not looked up yet.',
  allTheSame: 'The rest can be filled in and saved all the same.',
  lead: 'Details',
  title: 'What discovery says',
  findings: 'Discovery checks that want a look',
  nothingWanting: 'Nothing that wants a look.',
  later: 'What wants a look is shown here once the provider has answered.',
};

/** The button that makes the change; the same words stand in Rust's remedies. */
export function fixLabel(fix: Fix): string {
  switch (fix.fix) {
    case 'use_auth_method':
      return `Use ${METHOD[fix.method]} here`;
    case 'use_issuer':
      return 'Use that issuer';
    case 'add_scope':
      return `Add ${fix.scope}`;
    case 'remove_scope':
      return `Remove ${fix.scope}`;
    case 'confirm_host':
      return `Confirm ${fix.host}`;
  }
}

/** What was changed, once it was. */
export function fixDone(fix: Fix): string {
  switch (fix.fix) {
    case 'use_auth_method':
      return `The connection now uses ${METHOD[fix.method]}.`;
    case 'use_issuer':
      return `The connection now uses ${fix.issuer}.`;
    case 'add_scope':
      return `${fix.scope} is now asked for.`;
    case 'remove_scope':
      return `${fix.scope} is no longer asked for.`;
    case 'confirm_host':
      return `Credentials may now go to ${fix.host}.`;
  }
}
