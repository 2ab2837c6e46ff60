import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { ADDRESS, address, page, telling } from '../fixtures/browser';
import { appState, connection, demo } from '../fixtures/connections';
import { implicit, problem, report } from '../fixtures/reports';
import { noSession, session, stored } from '../fixtures/session';
import type { BrowserSignInRequest } from '../src/lib/bindings/BrowserSignInRequest';
import type { SignInReport } from '../src/lib/bindings/SignInReport';
import { deferred } from '../src/lib/platform/fake';
import type { Platform } from '../src/lib/platform/types';
import { expectAccessible, openTab, openWindow } from './window';

const nothing: Partial<Platform> = {
  report: () => Promise.resolve(null),
  session: () => Promise.resolve(noSession),
  claims: () => Promise.resolve(null),
  traffic: () => Promise.resolve([]),
};
const done: Partial<Platform> = { signInBrowser: () => Promise.resolve(implicit) };

async function openForm(given: Partial<Platform> = {}) {
  const opened = await openTab('signin', { ...nothing, ...given });
  await opened.user.click(screen.getByTestId('way-browser'));
  const sent = () => opened.platform.of('signInBrowser')[0]?.[0] as BrowserSignInRequest;
  return { ...opened, sent };
}

function input(name: string): HTMLInputElement {
  return screen.getByTestId<HTMLInputElement>(name);
}

describe('the form of a sign-in in a browser', () => {
  it('leads to a verified id_token token sign-in with one choice', async () => {
    const { user, sent } = await openForm(done);
    expect(input('bw-redirect-uri').value).toBe('https://payroll.acme.example/callback');
    screen.getByText(/Nothing of yours is called/);
    await user.selectOptions(screen.getByTestId('bw-response-type'), 'id_token token');
    screen.getByText('Implicit flow, ID token and access token.');
    await expectAccessible();
    await user.click(screen.getByTestId('bw-submit'));
    await waitFor(() =>
      expect(screen.getByTestId('verdict').textContent).toContain('Signed in as Peggy Sue'),
    );
    expect(sent()).toMatchObject({
      connection: connection({}).id,
      redirect_uri: 'https://payroll.acme.example/callback',
      response_type: 'id_token token',
      response_mode: null,
      client_secret: null,
      browser: 'login_window',
    });
    await expectAccessible();
  });

  it('offers only the response modes that the type allows, and names the default', async () => {
    const { user } = await openForm();
    const modes = () =>
      within(screen.getByTestId('bw-response-mode'))
        .getAllByRole('option')
        .map((one) => one.textContent);
    expect(modes()).toEqual(['Default (query)', 'query', 'fragment', 'form_post']);
    await user.selectOptions(screen.getByTestId('bw-response-mode'), 'query');
    await user.selectOptions(screen.getByTestId('bw-response-type'), 'id_token');
    expect(modes()).toEqual(['Default (fragment)', 'fragment', 'form_post']);
    expect(screen.getByTestId<HTMLSelectElement>('bw-response-mode').value).toBe('');
  });

  it('sends what was typed', async () => {
    const { user, sent } = await openForm(done);
    await user.selectOptions(screen.getByTestId('bw-prompt'), 'login');
    await user.type(screen.getByTestId('bw-login-hint'), 'peggy.sue');
    await user.click(screen.getByTestId('bw-more'));
    await user.type(screen.getByTestId('bw-acr'), 'onelogin:nist:level:1:re-auth');
    await user.type(screen.getByTestId('bw-max-age'), '300');
    await user.type(screen.getByTestId('bw-resource'), 'https://a.example{Enter}urn:x:y');
    await user.type(screen.getByTestId('bw-ui-locales'), 'en-GB de');
    await user.type(screen.getByTestId('bw-extra'), 'tenant=acme');
    await user.click(screen.getByRole('button', { name: 'email' }));
    await user.keyboard('{Control>}{Enter}{/Control}');
    await screen.findByTestId('verdict');
    expect(sent()).toMatchObject({
      scopes: ['openid', 'profile', 'groups', 'email'],
      prompt: 'login',
      login_hint: 'peggy.sue',
      acr_values: ['onelogin:nist:level:1:re-auth'],
      max_age: 300,
      resources: ['https://a.example', 'urn:x:y'],
      ui_locales: ['en-GB', 'de'],
      extra: [{ name: 'tenant', value: 'acme' }],
    });
  });

  it('leads to what is wrong, also where it was folded away, and sends nothing', async () => {
    const { user, platform } = await openForm();
    await user.click(screen.getByTestId('bw-more'));
    await user.type(screen.getByTestId('bw-max-age'), '5m');
    await user.click(screen.getByTestId('bw-more'));
    const details = screen.getByTestId('bw-more').closest('details');
    expect(details?.open).toBe(false);
    await user.click(screen.getByTestId('bw-submit'));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('bw-max-age')));
    expect(details?.open).toBe(true);
    screen.getByText('Expected whole seconds, such as 0 or 300. Came: “5m”.');
    expect(platform.of('signInBrowser')).toHaveLength(0);
    await expectAccessible();
  });

  it('says at its field what Rust found', async () => {
    const { user } = await openForm({
      signInBrowser: () => Promise.reject({ field: 'extra', problem: problem('invalid_input') }),
    });
    await user.click(screen.getByTestId('bw-submit'));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('bw-extra')));
    expect(input('bw-extra').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByTestId('verdict').textContent).toContain('Nothing was sent.');
  });

  it('asks for the client secret where a code is exchanged and none is stored', async () => {
    const { user, sent } = await openForm({
      ...done,
      session: () => Promise.resolve(session({ tokens: [], stored: stored('absent') })),
    });
    await user.type(await screen.findByTestId('si-client-secret'), 'secret');
    await user.selectOptions(screen.getByTestId('bw-response-type'), 'id_token');
    expect(screen.queryByTestId('si-client-secret')).toBeNull();
    await user.selectOptions(screen.getByTestId('bw-response-type'), 'code');
    await user.click(screen.getByTestId('bw-submit'));
    await screen.findByTestId('verdict');
    expect(sent()).toMatchObject({ client_secret: 'secret', keep: 'session_only' });
  });

  it('sends no client secret where no code is exchanged', async () => {
    const { app, user, sent } = await openForm(done);
    if (app.view.name === 'connection') app.view.open.signIn.clientSecret = 'secret';
    await user.selectOptions(screen.getByTestId('bw-response-type'), 'id_token');
    expect(screen.queryByTestId('si-keep')).toBeNull();
    await user.click(screen.getByTestId('bw-submit'));
    await screen.findByTestId('verdict');
    expect(sent().client_secret).toBeNull();
  });

  it('explains the embedded window where it is chosen, on demand', async () => {
    const { user } = await openForm();
    const why = screen.getByTestId('bw-why-embedded');
    const details = why.closest('details');
    expect(details?.open).toBe(false);
    expect(why.closest('fieldset')).toBe(
      screen.getByTestId('bw-browser-window').closest('fieldset'),
    );
    await user.click(why);
    expect(details?.open).toBe(true);
    expect(details?.textContent).toContain('RFC 8252 §8.12');
    await expectAccessible();
  });

  it('says of every choice what it means, and keeps the room of the longest', async () => {
    const { user } = await openForm();
    const field = screen.getByTestId('bw-prompt').parentElement;
    const rooms = () =>
      [...(field?.querySelectorAll<HTMLElement>('.room') ?? [])].map((one) => one.dataset.text);
    const before = rooms();
    const prompts = within(screen.getByTestId('bw-prompt')).getAllByRole<HTMLOptionElement>(
      'option',
    );
    for (const { value } of prompts) {
      await user.selectOptions(screen.getByTestId('bw-prompt'), value);
      expect(rooms()).toEqual(before);
      expect(before).toContain(field?.querySelector('.hint p')?.textContent);
    }
  });

  it('warns of offline_access where it brings an error or nothing', async () => {
    const { user } = await openForm();
    await user.click(screen.getByRole('button', { name: 'offline_access' }));
    screen.getByText(/answers invalid_scope here/);
  });

  it('has an own redirect URI for the system browser, which must lead here', async () => {
    const { user, sent } = await openForm(done);
    await user.click(screen.getByTestId('bw-browser-system'));
    expect(input('bw-redirect-uri').value).toBe('');
    expect(screen.queryByTestId('bw-keep-session')).toBeNull();
    await user.type(input('bw-redirect-uri'), 'https://payroll.acme.example/callback{Enter}');
    screen.getByText(/needs an http address on this computer/);
    await expectAccessible();
    await user.clear(input('bw-redirect-uri'));
    await user.type(input('bw-redirect-uri'), 'http://127.0.0.1/callback{Enter}');
    await screen.findByTestId('verdict');
    expect(sent()).toMatchObject({
      browser: 'system',
      redirect_uri: 'http://127.0.0.1/callback',
    });
    await user.click(screen.getByTestId('bw-browser-window'));
    expect(input('bw-redirect-uri').value).toBe('https://payroll.acme.example/callback');
  });

  it('works at once with the demo tenant, whose users are there to read', async () => {
    const { user, platform } = await openWindow({ ...nothing, ...done });
    await user.click(screen.getByTestId(`connection-${demo.name}`));
    await user.click(screen.getByTestId('way-browser'));
    expect(screen.queryByTestId('demo-user-peggy.sue')).toBeNull();
    expect(screen.getByText('peggy.sue').parentElement?.textContent).toContain('correct horse');
    await expectAccessible();
    await user.click(screen.getByTestId('bw-submit'));
    await screen.findByTestId('verdict');
    expect(platform.of('signInBrowser')).toHaveLength(1);
  });
});

describe('the browser session', () => {
  it('is kept where it is asked for, and forgotten on demand', async () => {
    let kept = true;
    const { user, platform, sent } = await openForm({
      ...done,
      session: () => Promise.resolve({ ...noSession, browser_session: kept }),
      browserSessionForget: () => {
        kept = false;
        return Promise.resolve();
      },
    });
    await user.selectOptions(screen.getByTestId('bw-prompt'), 'none');
    screen.getByText(/ends with login_required/);
    await user.click(screen.getByTestId('bw-keep-session'));
    expect(screen.queryByText(/ends with login_required/)).toBeNull();
    await user.click(screen.getByTestId('bw-submit'));
    await screen.findByTestId('verdict');
    expect(sent()).toMatchObject({ prompt: 'none', keep_browser_session: true });
    await user.click(screen.getByTestId('bw-forget-session'));
    await waitFor(() => expect(screen.queryByTestId('bw-forget-session')).toBeNull());
    expect(platform.of('browserSessionForget')).toEqual([[connection({}).id]]);
    screen.getByText(/ends with login_required/);
  });

  it('is not offered where the system cannot keep one', async () => {
    await openForm({ appState: () => Promise.resolve(appState({ kept_sessions: false })) });
    expect(screen.queryByTestId('bw-keep-session')).toBeNull();
  });
});

describe('a run in a browser', () => {
  async function running(...told: Parameters<typeof telling>[0]) {
    const end = deferred<SignInReport>();
    const opened = await openForm({
      ...telling(told, () => end.promise),
      browserOpen: () => Promise.resolve(),
      browserTake: () => Promise.resolve(),
      browserFront: () => Promise.resolve(),
      copyText: () => Promise.resolve(),
    });
    await opened.user.click(screen.getByTestId('bw-show-first'));
    await opened.user.click(screen.getByTestId('bw-submit'));
    await screen.findByTestId('bw-address');
    return { ...opened, end, run: opened.sent().run };
  }

  it('shows the address first, whole, and opens it when told to', async () => {
    const { user, platform, run, sent } = await running(address(true));
    expect(sent().show_first).toBe(true);
    expect(screen.getByTestId('bw-address').textContent).toBe(ADDRESS);
    screen.getByText(/asked once without a browser\. Read the address, then open it\./, {
      selector: '.head p',
    });
    await expectAccessible();
    await user.click(screen.getByTestId('bw-copy-address'));
    expect(platform.of('copyText')).toEqual([[ADDRESS]]);
    await user.click(screen.getByTestId('bw-open'));
    expect(platform.of('browserOpen')).toEqual([[run]]);
    expect(screen.queryByTestId('bw-open')).toBeNull();
    screen.getAllByText('Opening the login window…');
  });

  it('says in words what the login window shows', async () => {
    const { user, platform, run } = await running(address(), {
      event: 'page',
      page: page({ http_status: 400, tls: 'none', host: '192.0.2.7' }),
    });
    const shown = screen.getByTestId('bw-page');
    expect(shown.textContent).toContain('192.0.2.7');
    expect(shown.textContent).toContain('Not protected');
    expect(shown.textContent).toContain('HTTP status 400');
    screen.getByText(/The page is an error/, { selector: '.box' });
    await expectAccessible();
    await user.click(screen.getByTestId('bw-front'));
    expect(platform.of('browserFront')).toEqual([[run]]);
    expect(screen.getByTestId('bw-take').textContent?.trim()).toBe('Use what the page shows');
    await user.click(screen.getByTestId('bw-take'));
    expect(platform.of('browserTake')).toEqual([[run]]);
  });

  it('shows a hostile host as text', async () => {
    await running(address(), { event: 'page', page: page({ host: 'a\u{202e}<b>x' }) });
    expect(screen.getByTestId('bw-page').textContent).toContain('a\\u{202e}<b>x');
  });

  it('offers an answer that did not come from the page itself', async () => {
    await running(address(), { event: 'page', page: page({ offered: true }) });
    screen.getByText(/A frame or a script/, { selector: '.box' });
    expect(screen.getByTestId('bw-take').textContent?.trim()).toBe('Take it as the answer');
  });

  it('says that no system browser could be opened, and that it listens', async () => {
    const { user } = await openForm(telling([address(), { event: 'browser', opened: false }]));
    await user.click(screen.getByTestId('bw-browser-system'));
    await user.type(input('bw-redirect-uri'), 'http://127.0.0.1/callback{Enter}');
    await screen.findByText(/No browser could be opened/, { selector: '.loading span' });
    expect(screen.getByTestId('bw-address').textContent).toBe(ADDRESS);
    expect(screen.queryByTestId('bw-front')).toBeNull();
    await expectAccessible();
  });

  it('says whom to sign in as while the demo tenant waits for a password', async () => {
    const { user } = await openWindow({
      ...nothing,
      ...telling([address(), { event: 'page', page: page() }]),
    });
    await user.click(screen.getByTestId(`connection-${demo.name}`));
    await user.click(screen.getByTestId('way-browser'));
    expect(screen.queryByTestId('bw-demo-user')).toBeNull();
    await user.click(screen.getByTestId('bw-submit'));
    expect((await screen.findByTestId('bw-demo-user')).textContent).toBe(
      'Demo tenant: peggy.sue, password correct horse',
    );
    await expectAccessible();
  });

  it('names nobody at another provider', async () => {
    await running(address(), { event: 'page', page: page() });
    expect(screen.queryByTestId('bw-demo-user')).toBeNull();
  });

  it('is cancelled by Escape, and ends with its report', async () => {
    const { user, platform, run, end } = await running(address(), {
      event: 'page',
      page: page(),
    });
    await user.keyboard('{Escape}');
    expect(platform.of('cancel')).toEqual([[run]]);
    end.resolve(
      report({ outcome: 'network_error', findings: [], error: problem('cancelled'), notes: [] }),
    );
    expect((await screen.findByTestId('verdict')).textContent).toContain('Cancelled');
    expect(screen.queryByTestId('bw-address')).toBeNull();
  });

  it('announces where it stands', async () => {
    await running(address(), { event: 'page', page: page({ http_status: 400 }) });
    await waitFor(() =>
      expect(screen.getByTestId('announcement').textContent).toMatch(
        /It closes by itself\. The page is an error\./,
      ),
    );
  });
});

it('signs in again the way that the last run went, also after a restart', async () => {
  const refused = report({
    ...implicit,
    outcome: 'provider_error',
    findings: [],
    error: problem('oauth_error', { fix: { fix: 'remove_scope', scope: 'groups' } }),
  });
  const { user, platform } = await openTab('signin', {
    ...nothing,
    ...done,
    report: () => Promise.resolve(refused),
    connectionFix: () => Promise.resolve(connection({ scopes: ['openid'] })),
  });
  await user.click(await screen.findByText('Remove groups'));
  await user.click(await screen.findByText('Sign in again'));
  await waitFor(() => expect(platform.of('signInBrowser')).toHaveLength(1));
  const sent = platform.of('signInBrowser')[0]?.[0] as BrowserSignInRequest;
  expect(sent.scopes).toEqual(['openid', 'profile']);
});
