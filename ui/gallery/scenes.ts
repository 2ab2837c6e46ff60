// Every screen in the states that matter.

import { address, page, telling } from '../fixtures/browser';
import {
  appState,
  connection,
  connections,
  demo,
  demoFacts,
  discovery,
  hostileName,
} from '../fixtures/connections';
import { introspected, notOffered, notRevoked, revoked, signedOut } from '../fixtures/ending';
import { changes, entries, key, provider } from '../fixtures/provider';
import {
  implicit,
  problem,
  refused,
  rejected,
  report,
  runningSteps,
  unreachable,
  wrongMethod,
} from '../fixtures/reports';
import { claims, hostileClaims, manyGroups, noSession, session, stored } from '../fixtures/session';
import { traffic } from '../fixtures/traffic';
import { type FakePlatform, fake } from '../src/lib/platform/fake';
import type { Platform } from '../src/lib/platform/types';
import type { App } from '../src/lib/state/app.svelte';
import type { BrowserForm } from '../src/lib/state/browser-form.svelte';
import type { Tab } from '../src/lib/state/connection.svelte';

export interface Scene {
  platform?: Partial<Platform>;
  steps?: ((app: App, page: Document) => void)[];
}

const payroll = connection({});
const never = <T>() => new Promise<T>(() => undefined);
const failing = (error: unknown) => () => Promise.reject(error);

const EVERYTHING: Partial<Platform> = {
  windowReady: () => Promise.resolve(),
  appState: () => Promise.resolve(appState({})),
  report: () => Promise.resolve(report({})),
  session: () => Promise.resolve(session({})),
  claims: () => Promise.resolve(claims),
  provider: () => Promise.resolve(provider({})),
  traffic: () => Promise.resolve(traffic),
  discover: () => Promise.resolve(discovery({})),
  cancel: () => Promise.resolve(),
  copyText: () => Promise.resolve(),
  tokenCopy: () => Promise.resolve(),
  exchangeCurl: () => Promise.resolve(),
  passwordCurl: () => Promise.resolve(),
  tokenReveal: () => Promise.resolve(`eyJhbGciOiJSUzI1NiJ9.${'abcDEF123_-'.repeat(90)}`),
  connectionRemove: () => Promise.resolve(),
  sessionForget: () => Promise.resolve(),
  connectionFix: () => Promise.resolve(connection({ auth_method: 'post' })),
};

const NOTHING: Partial<Platform> = {
  report: () => Promise.resolve(null),
  session: () => Promise.resolve(noSession),
  claims: () => Promise.resolve(null),
  traffic: () => Promise.resolve([]),
};

export function platform(given: Partial<Platform>): FakePlatform {
  return fake({ ...EVERYTHING, ...given });
}

const show = (app: App) => app.show(payroll.id);
const tab = (name: Tab) => (app: App) => {
  if (app.view.name === 'connection') app.view.open.tab = name;
};
const click = (name: string) => (_app: App, page: Document) => {
  const found =
    page.querySelector<HTMLElement>(`[data-testid="${name}"]`) ??
    [...page.querySelectorAll<HTMLElement>('button, [role="tab"], input[type="radio"]')].find(
      (one) => one.textContent?.trim().startsWith(name) || one.ariaLabel === name,
    );
  if (!found) throw new Error(`nothing to click: ${name}`);
  found.click();
};
const press = (name: string) => (_app: App, page: Document) => {
  const found = [...page.querySelectorAll<HTMLElement>('[role="tab"]')].find((one) =>
    one.textContent?.trim().startsWith(name),
  );
  if (!found) throw new Error(`no tab ${name}`);
  found.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
  found.focus();
  found.click();
};
const type = (name: string, text: string) => (_app: App, page: Document) => {
  const found = page.querySelector<HTMLInputElement>(`[data-testid="${name}"]`);
  if (!found) throw new Error(`nothing to type into: ${name}`);
  found.value = text;
  found.dispatchEvent(new Event('input', { bubbles: true }));
};
const signInWith = (app: App) => {
  if (app.view.name !== 'connection') return;
  app.view.open.signIn.password = 'correct horse';
  void app.view.open.signIn.signIn();
};
const browse = (app: App) => {
  if (app.view.name === 'connection') app.view.open.signIn.way = 'browser';
};
const signInBrowser = (app: App) => {
  if (app.view.name === 'connection') void app.view.open.signIn.signInBrowser();
};
const set = (change: Partial<BrowserForm>) => (app: App) => {
  if (app.view.name === 'connection') Object.assign(app.view.open.signIn.browser, change);
};
const down = (name: string) => (_app: App, page: Document) =>
  page.querySelector(`[data-testid="${name}"]`)?.scrollIntoView({ block: 'center' });
const choose = (name: string, value: string) => (_app: App, page: Document) => {
  const found = page.querySelector<HTMLSelectElement>(`[data-testid="${name}"]`);
  if (!found) throw new Error(`nothing to choose from: ${name}`);
  found.value = value;
  found.dispatchEvent(new Event('change', { bubbles: true }));
};
const wait = () => undefined;
const at = (name: Tab, given: Partial<Platform> = {}, ...more: Scene['steps'] & object): Scene => ({
  platform: given,
  steps: [show, tab(name), ...more],
});
const form = (given: Partial<Platform>, ...more: Scene['steps'] & object): Scene => ({
  platform: given,
  steps: [(app: App) => app.newConnection(), ...more],
});
// Longer than the form waits for typing to rest.
const rest = Array.from({ length: 8 }, () => wait);

export const scenes: Record<string, Scene> = {
  'first-start': {
    platform: { appState: () => Promise.resolve(appState({ connections: [], demo: null })) },
  },
  'first-start-damaged': {
    platform: {
      appState: () =>
        Promise.resolve(
          appState({
            connections: [],
            demo: null,
            set_aside: '/home/peggy/.config/latchkey/connections.damaged-20261124T203107Z.json',
          }),
        ),
    },
  },
  'first-start-failed': {
    platform: {
      appState: () => Promise.resolve(appState({ connections: [], demo: null })),
      demoStart: failing({
        field: null,
        problem: problem('connection_failed', {
          explanation: 'The demo tenant could not be started: no free port.',
          remedy: 'Close other programs and try again.',
        }),
      }),
    },
    steps: [click('door-demo')],
  },
  'configuration-failed': {
    platform: {
      appState: () =>
        Promise.resolve(
          appState({
            connections: [],
            problem: problem('configuration', {
              explanation: 'The connections were written by a newer Latchkey.',
              remedy: 'Update Latchkey, or move connections.json away.',
            }),
          }),
        ),
    },
  },
  'start-problem': {
    platform: {
      appState: () => Promise.resolve(appState({ problem: problem('configuration') })),
    },
  },
  'new-empty': form({}),
  'new-found': form(
    {},
    type('nc-name', 'Payroll portal 2'),
    type('nc-subdomain', 'acme'),
    ...rest,
    type('nc-client-id', 'ba88ac70-1234-0135-527a'),
  ),
  'new-busy': form({ discover: never }, type('nc-subdomain', 'acme'), ...rest),
  'new-retired': form(
    {
      discover: () =>
        Promise.resolve(
          discovery({
            issuer: 'https://openid-connect-eu.onelogin.com/oidc',
            retired: true,
            methods: ['basic'],
            password_grant: false,
            findings: [
              {
                check: 'issuer_retired',
                status: 'warning',
                expected: 'the second generation',
                received: 'the first',
                reference: 'OneLogin',
                remedy: 'Use https://<subdomain>.onelogin.com/oidc/2.',
              },
            ],
          }),
        ),
    },
    type('nc-subdomain', 'acme'),
    ...rest,
  ),
  'new-findings': form(
    {
      discover: () =>
        Promise.resolve(
          discovery({
            password_grant: false,
            findings: [
              {
                check: 'metadata_grant',
                status: 'warning',
                expected: 'password among the grants',
                received: 'authorization_code, refresh_token',
                reference: 'OIDC Discovery §3',
                remedy: 'Sign in with the browser, or turn the grant on for this app.',
              },
              {
                check: 'metadata_pkce',
                status: 'warning',
                expected: 'S256',
                received: 'none named',
                reference: 'RFC 8414 §2',
                remedy: 'PKCE is sent all the same.',
              },
            ],
          }),
        ),
    },
    type('nc-subdomain', 'acme'),
    ...rest,
  ),
  // The one method changes which fields are asked for.
  'new-no-secret': form(
    { discover: () => Promise.resolve(discovery({ methods: ['none'] })) },
    type('nc-subdomain', 'acme'),
    ...rest,
  ),
  'new-unknown': form(
    {
      discover: failing({
        field: 'issuer',
        problem: problem('dns', {
          endpoint: 'discovery',
          explanation: 'The host name acme.onelogin.com is not known.',
          remedy: 'Check the spelling, and whether this computer is online.',
        }),
      }),
    },
    type('nc-subdomain', 'acme'),
    ...rest,
  ),
  // Said at the field itself, before anything is saved.
  'new-no-address': form(
    {
      discover: failing({
        field: 'issuer',
        problem: problem('invalid_issuer', {
          explanation: 'The issuer is not a URL.',
          remedy: 'Enter an address that begins with https://.',
        }),
      }),
    },
    type('nc-subdomain', 'not a name'),
    ...rest,
  ),
  'new-differs': form(
    {
      discover: failing({
        field: 'issuer',
        problem: problem('issuer_mismatch', {
          endpoint: 'discovery',
          explanation: 'The metadata name another issuer than the one that was asked.',
          remedy: 'Use the issuer that the metadata name, to the character.',
          fix: { fix: 'use_issuer', issuer: 'https://acne.onelogin.com/oidc/2' },
        }),
      }),
    },
    type('nc-name', 'Payroll portal 2'),
    type('nc-subdomain', 'acme'),
    type('nc-client-id', 'ba88ac70-1234-0135-527a'),
    type('nc-client-secret', 'secret'),
    ...rest,
    click('nc-save'),
    wait,
  ),
  'new-wrong': form(
    {
      discover: failing({
        field: 'issuer',
        problem: problem('invalid_issuer', {
          explanation: 'The issuer is not a URL.',
          remedy: 'Enter an address that begins with https://.',
        }),
      }),
    },
    click('nc-kind-issuer'),
    type('nc-issuer', 'not a url'),
    ...rest,
    click('nc-save'),
  ),
  edit: { platform: {}, steps: [(app: App) => app.edit(payroll.id), ...rest] },
  settings: { steps: [(app: App) => app.showSettings()] },
  'signin-empty': at('signin', NOTHING),
  'signin-held': at('signin', {
    ...NOTHING,
    session: () => Promise.resolve(session({ tokens: [], stored: stored('held') })),
  }),
  'signin-full': at('signin'),
  'signin-busy': at(
    'signin',
    {
      ...NOTHING,
      signInPassword: (_request, progress) => {
        progress({ event: 'steps', steps: runningSteps });
        return never();
      },
    },
    signInWith,
  ),
  'signin-rejected': at('signin', { report: () => Promise.resolve(rejected) }),
  'signin-refused': at('signin', { report: () => Promise.resolve(refused) }),
  'signin-fix': at('signin', { report: () => Promise.resolve(wrongMethod) }),
  'signin-fixed': at(
    'signin',
    { report: () => Promise.resolve(wrongMethod) },
    click('problem-fix'),
  ),
  'signin-unreachable': at('signin', { report: () => Promise.resolve(unreachable) }),
  'signin-wrong': at('signin', NOTHING, click('si-submit')),
  'signin-locked': at('signin', {
    ...NOTHING,
    session: () =>
      Promise.resolve(
        session({
          tokens: [],
          refresh_token_kept: 'none',
          stored: {
            state: 'locked',
            client_secret: null,
            problem: problem('keychain_locked', {
              explanation: 'The keychain is locked.',
              remedy: 'Unlock it in Passwords and Keys, then try again.',
            }),
          },
        }),
      ),
  }),
  'signin-absent': at('signin', {
    ...NOTHING,
    session: () => Promise.resolve(session({ tokens: [], stored: stored('absent') })),
  }),
  'signin-demo': { platform: NOTHING, steps: [(app: App) => app.show(demo.id)] },
  'signin-long': { platform: {}, steps: [(app: App) => app.show(hostileName.id)] },
  'browser-empty': at('signin', NOTHING, browse),
  'browser-more': at(
    'signin',
    {
      ...NOTHING,
      session: () =>
        Promise.resolve(session({ tokens: [], stored: stored('empty'), browser_session: true })),
    },
    browse,
    set({
      responseType: 'id_token token',
      responseMode: 'form_post',
      prompt: 'none',
      maxAge: '5m',
      resources: 'payroll',
      extra: 'tenant',
    }),
    click('bw-more'),
    click('bw-submit'),
    down('bw-extra'),
  ),
  'browser-acr': at('signin', NOTHING, browse, click('bw-more'), (_app, page) =>
    page.querySelector<HTMLElement>('[data-testid="bw-acr"]')?.focus(),
  ),
  'browser-end': at('signin', NOTHING, browse, set({ keepSession: true }), down('bw-show-first')),
  'browser-system': at('signin', NOTHING, browse, click('bw-browser-system'), click('bw-submit')),
  'browser-demo': {
    platform: NOTHING,
    steps: [(app: App) => app.show(demo.id), browse, down('bw-submit')],
  },
  'browser-demo-page': {
    platform: { ...NOTHING, ...telling([address(), { event: 'page', page: page() }]) },
    steps: [(app: App) => app.show(demo.id), browse, click('bw-submit')],
  },
  'browser-waiting': at(
    'signin',
    { ...NOTHING, ...telling([address(true)]) },
    browse,
    signInBrowser,
  ),
  'browser-page': at(
    'signin',
    { ...NOTHING, ...telling([address(), { event: 'page', page: page() }]) },
    browse,
    signInBrowser,
  ),
  'browser-error-page': at(
    'signin',
    {
      ...NOTHING,
      ...telling([
        address(),
        { event: 'page', page: page({ http_status: 400, tls: 'none', host: '192.0.2.7:8080' }) },
      ]),
    },
    browse,
    signInBrowser,
  ),
  'browser-slow': at(
    'signin',
    {
      ...NOTHING,
      ...telling([
        address(),
        {
          event: 'page',
          page: page({
            http_status: null,
            slow: true,
            loading: true,
            offered: true,
            tls: 'loopback',
          }),
        },
      ]),
    },
    browse,
    signInBrowser,
  ),
  'browser-unopened': at(
    'signin',
    { ...NOTHING, ...telling([address(), { event: 'browser', opened: false }]) },
    browse,
    set({
      browser: 'system',
      redirectUris: { login_window: '', system: 'http://127.0.0.1/callback' },
    }),
    signInBrowser,
  ),
  'browser-done': at(
    'signin',
    { ...NOTHING, ...telling([address()], () => Promise.resolve(implicit)) },
    browse,
    set({ responseType: 'id_token token' }),
    signInBrowser,
  ),
  'refresh-held': at('signin', {}, press('Refresh')),
  'refresh-empty': at('signin', NOTHING, press('Refresh')),
  'session-full': at('session', {}, click('Reveal Access token'), click('Decode ID token')),
  'session-empty': at('session', NOTHING),
  'session-locked': at('session', {
    ...NOTHING,
    session: () =>
      Promise.resolve(
        session({ tokens: [], refresh_token_kept: 'none', stored: stored('locked') }),
      ),
  }),
  'session-untrusted': at('session', { report: () => Promise.resolve(rejected) }),
  'session-forget': at('session', {}, click('forget')),
  'session-introspected': at(
    'session',
    { sessionIntrospect: () => Promise.resolve(introspected) },
    click('introspect'),
  ),
  'session-revoke': at('session', {}, click('revoke')),
  'session-revoking': at(
    'session',
    { sessionRevoke: () => never() },
    click('revoke'),
    click('revoke-confirm'),
  ),
  'session-revoked': at(
    'session',
    { sessionRevoke: () => Promise.resolve(revoked) },
    click('revoke'),
    click('revoke-confirm'),
  ),
  'session-not-revoked': at(
    'session',
    { sessionRevoke: () => Promise.resolve(notRevoked) },
    click('revoke'),
    click('revoke-confirm'),
  ),
  'session-sign-out': at('session', {}, click('sign-out')),
  'session-sign-out-window': at(
    'session',
    {},
    click('sign-out'),
    choose('sign-out-browser', 'login_window'),
  ),
  'session-signing-out': at(
    'session',
    { sessionSignOut: () => never() },
    click('sign-out'),
    choose('sign-out-browser', 'login_window'),
    click('sign-out-confirm'),
  ),
  'session-signed-out': at(
    'session',
    { sessionSignOut: () => Promise.resolve(signedOut) },
    click('sign-out'),
    click('sign-out-confirm'),
  ),
  'session-not-offered': at(
    'session',
    { sessionSignOut: () => Promise.resolve(notOffered) },
    click('sign-out'),
    click('sign-out-confirm'),
  ),
  'session-failed': at('session', {
    ...NOTHING,
    session: failing({ field: null, problem: problem('keychain_timed_out') }),
  }),
  'claims-full': at('claims'),
  'claims-introspected': at('claims', {
    claims: () =>
      Promise.resolve({
        ...claims,
        rows: claims.rows.map((row) =>
          ['sub', 'iss', 'exp'].includes(row.name) ? { ...row, introspection: row.id_token } : row,
        ),
      }),
  }),
  'claims-empty': at('claims', NOTHING),
  'claims-untrusted': at('claims', { report: () => Promise.resolve(rejected) }),
  'claims-hostile': at('claims', { claims: () => Promise.resolve(hostileClaims) }),
  'claims-groups': at(
    'claims',
    { claims: () => Promise.resolve(manyGroups) },
    click('5,000 values of groups'),
    click('Object, 200 kB, of params'),
  ),
  'claims-json': at('claims', {}, press('JSON')),
  'claims-jwt': at('claims', {}, press('JWT')),
  'provider-full': at('provider', { provider: () => Promise.resolve(provider({ changes })) }),
  'provider-keys': at('provider', {}, press('Keys')),
  'provider-thousand': at(
    'provider',
    {
      provider: () =>
        Promise.resolve(provider({ keys: Array.from({ length: 1000 }, (_, one) => key(one)) })),
    },
    press('Keys'),
  ),
  'provider-raw': at('provider', {}, press('Raw')),
  'provider-busy': at('provider', { provider: never }),
  'provider-failed': at('provider', {
    provider: failing({ field: null, problem: problem('dns') }),
  }),
  'provider-large': at('provider', {
    provider: () =>
      Promise.resolve(
        provider({
          entries: [
            ...entries,
            ...Array.from({ length: 4000 }, (_, one) => ({
              name: `x_unknown_${one}`,
              value: 'v'.repeat(240),
              explanation: null,
              finding: null,
            })),
          ],
        }),
      ),
  }),
  'traffic-full': at('traffic', {}, click('exchange-3')),
  'traffic-large': at('traffic', {}, click('exchange-4')),
  'traffic-failed': at('traffic', {}, click('exchange-5')),
  'traffic-empty': at('traffic', NOTHING),
  'no-demo': {
    platform: {
      appState: () =>
        Promise.resolve(appState({ connections: connections.slice(1), demo: demoFacts })),
    },
    steps: [(app: App) => app.newConnection()],
  },
};
