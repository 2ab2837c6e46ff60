import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { connection } from '../fixtures/connections';
import { changes, entries, key, provider } from '../fixtures/provider';
import { problem, rejected, report } from '../fixtures/reports';
import { hostileClaims, manyGroups, noSession, session, stored } from '../fixtures/session';
import { traffic } from '../fixtures/traffic';
import type { ProviderView } from '../src/lib/bindings/ProviderView';
import { deferred } from '../src/lib/platform/fake';
import { REVEAL_MS } from '../src/lib/state/reveal.svelte';
import { expectAccessible, openTab, openWindow } from './window';

const id = connection({}).id;

describe('session', () => {
  it('counts lifetimes down, copies and decodes', async () => {
    const { user, platform } = await openTab('session', { tokenCopy: () => Promise.resolve() });
    const card = within(await screen.findByTestId('token-access_token'));
    card.getByText(/^expire/);
    await user.click(card.getByText('Copy'));
    await waitFor(() => expect(platform.of('tokenCopy')).toEqual([[id, 'access_token']]));
    await user.click(card.getByText('Decode'));
    expect(card.getByRole('region', { name: 'Claims of the Access token' }).textContent).toContain(
      '"jti": "a1b2"',
    );
    await expectAccessible();
  });

  it('reveals a token when asked, and hides it after half a minute', async () => {
    const { user, app } = await openTab('session', {
      tokenReveal: () => Promise.resolve('canary'),
    });
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await user.click(await screen.findByRole('button', { name: 'Reveal Access token' }));
    await screen.findByText('canary');
    await expectAccessible();
    const hide = timers.mock.calls.find(([, delay]) => delay === REVEAL_MS)?.[0];
    if (typeof hide === 'function') hide();
    timers.mockRestore();
    await waitFor(() => expect(screen.queryByText('canary')).toBeNull());
    if (app.view.name === 'connection')
      expect(app.view.open.reveal.values.access_token).toBeUndefined();
  });

  it('hides a revealed token when the tab is left', async () => {
    const { user } = await openTab('session', { tokenReveal: () => Promise.resolve('canary') });
    await user.click(await screen.findByRole('button', { name: 'Reveal ID token' }));
    await screen.findByText('canary');
    await user.click(screen.getByTestId('tab-claims'));
    await user.click(screen.getByTestId('tab-session'));
    await screen.findByTestId('token-id_token');
    expect(document.body.textContent).not.toContain('canary');
  });

  it('is forgotten after a confirmation', async () => {
    let forgotten = false;
    const { user, platform } = await openTab('session', {
      session: () => Promise.resolve(forgotten ? noSession : session({})),
      sessionForget: () => {
        forgotten = true;
        return Promise.resolve();
      },
    });
    await user.click(await screen.findByTestId('forget'));
    await screen.findByRole('alertdialog');
    await expectAccessible();
    await user.click(screen.getByTestId('forget-confirm'));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    await screen.findByText('No tokens in this window');
    expect(platform.of('sessionForget')).toEqual([[id]]);
    expect(screen.getByTestId('session-stored').textContent).toContain('holds no refresh token');
  });

  it('stays when the question is answered with Escape', async () => {
    const { user, platform } = await openTab('session');
    await user.click(await screen.findByTestId('forget'));
    await screen.findByRole('alertdialog');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(platform.of('sessionForget')).toHaveLength(0);
  });

  it.each(['locked', 'absent', 'timed_out', 'failed'] as const)(
    'explains a keychain that is %s, and tries again',
    async (state) => {
      let now: 'held' | typeof state = state;
      const { user } = await openTab('session', {
        session: () => Promise.resolve(session({ tokens: [], stored: stored(now) })),
      });
      const box = await screen.findByTestId('session-stored');
      expect(box.getAttribute('data-state')).toBe(state);
      await expectAccessible();
      now = 'held';
      await user.click(within(box).getByText('Try again'));
      await screen.findByText('The keychain holds a refresh token for this connection.');
    },
  );

  it('refreshes in place and leads to the checks', async () => {
    const { user } = await openTab('session', {
      signInRefresh: () => Promise.resolve(report({})),
    });
    await user.click(await screen.findByTestId('refresh-submit'));
    await user.click(await screen.findByText('Show the checks'));
    expect(screen.getByTestId('verdict').textContent).toContain('Refreshed');
  });

  it('calls the tokens of a rejected sign-in untrusted', async () => {
    await openTab('session', { report: () => Promise.resolve(rejected) });
    const card = await screen.findByTestId('token-id_token');
    expect(card.textContent).toContain('untrusted');
  });

  it('says what to do when there is none', async () => {
    await openTab('session', { session: () => Promise.resolve(noSession) });
    await screen.findByText('Go to Sign in');
    await expectAccessible();
  });

  it('shows why it could not be asked for', async () => {
    await openTab('session', {
      session: () => Promise.reject({ field: null, problem: problem('keychain_timed_out') }),
    });
    await screen.findByText('The keychain did not answer in time');
    await expectAccessible();
  });
});

describe('claims', () => {
  it('stand side by side, with differences in words and times in both forms', async () => {
    await openTab('claims');
    const email = await screen.findByTestId('claim-email');
    expect(email.textContent).toContain('differs');
    const exp = screen.getByTestId('claim-exp');
    expect(exp.textContent).toContain('1795559466');
    expect(exp.textContent).toContain('24 Nov 2026, 22:31:06 UTC');
    expect(screen.getByTestId('claim-iss').textContent).toContain('absent');
    screen.getByText(/was asked for and brought nothing/);
    await expectAccessible();
  });

  it('are filtered from the keyboard', async () => {
    const { user } = await openTab('claims');
    await screen.findByTestId('claim-email');
    await user.keyboard('{Control>}f{/Control}');
    await user.keyboard('acme.example');
    expect(screen.queryByTestId('claim-sub')).toBeNull();
    screen.getByTestId('claim-email');
    screen.getByText('1 of 10 claims');
    await user.keyboard('no such thing');
    screen.getByText('No claim matches the filter');
  });

  it('h27 show 5,000 groups as a count that opens into the rows on the screen', async () => {
    const { user } = await openTab('claims', { claims: () => Promise.resolve(manyGroups) });
    await user.click(await screen.findByText('5,000 values'));
    const list = screen.getByRole('region', { name: 'Values of groups' });
    const shown = within(list).getAllByRole('listitem');
    expect(shown.length).toBeLessThan(60);
    expect(shown[0]?.getAttribute('aria-setsize')).toBe('5000');
    expect(document.body.innerHTML.length).toBeLessThan(400_000);
    await expectAccessible();
  });

  it('h27 cut 200 kB and show them when asked', async () => {
    const { user } = await openTab('claims', { claims: () => Promise.resolve(manyGroups) });
    const params = within(await screen.findByTestId('claim-params'));
    expect(params.getByRole('button').textContent).toContain('200 kB');
    await user.click(params.getByRole('button'));
    const rows = params.getAllByRole('listitem');
    expect(rows.length).toBeLessThan(80);
  });

  it('h21 are text, with hidden characters made visible', async () => {
    const { user } = await openTab('claims', { claims: () => Promise.resolve(hostileClaims) });
    const name = await screen.findByTestId('claim-name');
    expect(name.textContent).toContain('<img src=x onerror=alert(1)>\\u{202e}gnp.exe');
    expect(document.body.textContent).toContain('a\\u{200b}dmin');
    expect(document.body.textContent).toContain('\\u{1b}[31mred\\u{7}');
    expect(document.querySelector('main img, main script, main a')).toBeNull();
    await user.click(screen.getByText('Show all 900 bytes'));
    screen.getByText('Show less');
    await expectAccessible();
  });

  it('have JSON and JWT views', async () => {
    const { user } = await openTab('claims');
    await user.click(await screen.findByRole('tab', { name: 'JSON' }));
    expect(screen.getByRole('region', { name: 'UserInfo claims' }).textContent).toContain(
      'Peggy Sue',
    );
    await user.click(screen.getByRole('tab', { name: 'JWT' }));
    expect(screen.getByRole('region', { name: 'Header of the ID token' }).textContent).toContain(
      'RS256',
    );
    await expectAccessible();
  });

  it('of a rejected token carry a banner', async () => {
    await openTab('claims', { report: () => Promise.resolve(rejected) });
    await screen.findByText('Untrusted: the ID token was rejected.');
    await expectAccessible();
  });

  it('say what to do when there are none', async () => {
    await openTab('claims', { claims: () => Promise.resolve(null) });
    await screen.findByText('No claims yet');
    await expectAccessible();
  });

  it('h27 come two hundred rows at a time', async () => {
    const rows = Array.from({ length: 450 }, (_, at) => ({
      ...manyGroups.rows[0],
      name: `claim_${at}`,
    })) as typeof manyGroups.rows;
    const { user } = await openTab('claims', {
      claims: () => Promise.resolve({ rows, scopes: [] }),
    });
    await user.click(await screen.findByText('Show more, 250 left'));
    screen.getByTestId('claim-claim_399');
    expect(screen.queryByTestId('claim-claim_400')).toBeNull();
  });
});

describe('provider', () => {
  it('explains the metadata, and says what changed', async () => {
    await openTab('provider', { provider: () => Promise.resolve(provider({ changes })) });
    await screen.findByText('Changed since the last look');
    screen.getByText('Where codes, passwords and refresh tokens become tokens.');
    expect(screen.getAllByText('In no specification that Latchkey knows.').length).toBeGreaterThan(
      0,
    );
    screen.getByTestId('finding-metadata_algorithms');
    await expectAccessible();
  }, 20_000);

  it('looks again when asked, and can be stopped', async () => {
    const slow = deferred<ProviderView>();
    const { user, platform } = await openTab('provider', {
      provider: (_id, again) => (again ? slow.promise : Promise.resolve(provider({}))),
    });
    await user.click(screen.getByTestId('provider-again'));
    await screen.findByText('Asking the provider…');
    await expectAccessible();
    await user.keyboard('{Escape}');
    const asked = platform.of('provider').at(-1);
    expect(asked?.[1]).toBe(true);
    expect(platform.of('cancel').at(-1)).toEqual([asked?.[2]]);
    slow.reject({ field: null, problem: problem('cancelled') });
    await screen.findByText('Cancelled');
    screen.getByText('token_endpoint');
  });

  it('keeps saying what changed until somebody looks again', async () => {
    let first = true;
    const { user } = await openTab('provider', {
      provider: (of) => {
        const view = provider({ changes: first && of === id ? changes : [] });
        if (of === id) first = false;
        return Promise.resolve(view);
      },
    });
    await screen.findByText('Changed since the last look');
    await user.click(screen.getByTestId('connection-Demo tenant'));
    await user.click(screen.getByTestId('connection-Payroll portal'));
    await screen.findByText('Changed since the last look');
    await user.click(screen.getByTestId('provider-again'));
    await waitFor(() => expect(screen.queryByText('Changed since the last look')).toBeNull());
  });

  it('shows why it could not be looked up', async () => {
    await openTab('provider', {
      provider: () => Promise.reject({ field: null, problem: problem('dns') }),
    });
    await screen.findByText('The host name is not known');
    await expectAccessible();
  });

  it('shows keys, and why one is not accepted', async () => {
    const { user } = await openTab('provider');
    await user.click(await screen.findByTestId('provider-keys'));
    screen.getByText('Shorter than 2048 bits.');
    screen.getByText('EC P-256');
    await expectAccessible();
  });

  it('h27 renders only the keys on the screen of a thousand', async () => {
    const keys = Array.from({ length: 1000 }, (_, at) => key(at));
    const { user } = await openTab('provider', {
      provider: () => Promise.resolve(provider({ keys })),
    });
    await user.click(await screen.findByTestId('provider-keys'));
    const table = screen.getByRole('table', { name: 'Keys' });
    expect(table.getAttribute('aria-rowcount')).toBe('1001');
    expect(within(table).getAllByRole('row').length).toBeLessThan(60);
    await user.type(screen.getByLabelText('Filter metadata and keys'), 'JRcO4nxs999');
    expect(within(table).getAllByRole('row')).toHaveLength(2);
  });

  it('says when the key set has no keys, or could not be fetched', async () => {
    const { user } = await openTab('provider', {
      provider: () => Promise.resolve(provider({ keys: [], keys_problem: problem('not_json') })),
    });
    await screen.findByTestId('problem');
    await user.click(screen.getByTestId('provider-keys'));
    screen.getByText('The key set has no keys');
  });

  it('shows and copies the raw JSON', async () => {
    const { user, platform } = await openTab('provider', { copyText: () => Promise.resolve() });
    await user.click(await screen.findByRole('tab', { name: 'Raw JSON' }));
    expect(screen.getByRole('region', { name: 'Raw metadata' }).textContent).toContain('"issuer"');
    await user.click(screen.getByText('Copy JSON'));
    await waitFor(() => expect(platform.of('copyText')).toEqual([[provider({}).raw]]));
    await expectAccessible();
  });

  it('h27 shows 1 MB of metadata two hundred entries at a time', async () => {
    const many = Array.from({ length: 4000 }, (_, at) => ({
      name: `x_${at}`,
      value: 'v'.repeat(240),
      explanation: null,
      finding: null,
    }));
    await openTab('provider', {
      provider: () => Promise.resolve(provider({ entries: [...entries, ...many] })),
    });
    await screen.findByText(/Show more, 3,/);
  });
});

describe('traffic', () => {
  it('shows an exchange whole, without its secrets', async () => {
    const { user } = await openTab('traffic');
    await user.click(await screen.findByTestId('exchange-3'));
    const detail = within(screen.getByRole('region', { name: 'Exchange 3, Token' }));
    detail.getByText('Basic ba88ac70-1234-0135-527a:[client secret]');
    detail.getByText('[password]');
    detail.getByText('Taken out of this recording');
    detail.getByText('118 ms');
    await expectAccessible();
  });

  it('copies an exchange as cURL', async () => {
    const { user, platform } = await openTab('traffic', { exchangeCurl: () => Promise.resolve() });
    await user.click(await screen.findByTestId('exchange-3'));
    await user.click(screen.getByTestId('copy-curl'));
    await waitFor(() => expect(platform.of('exchangeCurl')).toEqual([[id, 3]]));
    await screen.findByText('Copied');
  });

  it('says that nothing was copied when nothing was', async () => {
    const { user } = await openTab('traffic', {
      exchangeCurl: () => Promise.reject({ field: null, problem: problem('configuration') }),
    });
    await user.click(await screen.findByTestId('copy-curl'));
    await screen.findByText('Not copied');
  });

  it('h27 keeps a body of 190 kB in rows', async () => {
    const { user } = await openTab('traffic');
    await user.click(await screen.findByTestId('exchange-4'));
    const body = screen.getByRole('region', { name: 'Answer body' });
    expect(within(body).getAllByRole('listitem').length).toBeLessThan(80);
    screen.getByText('Answer body, 190 kB, cut short');
  });

  it('says why no answer came', async () => {
    const { user } = await openTab('traffic');
    await user.click(await screen.findByTestId('exchange-5'));
    screen.getByText('No byte came for 15 s.');
    await expectAccessible();
  });

  it('is cleared', async () => {
    let list = traffic;
    const { user, platform } = await openTab('traffic', {
      traffic: () => Promise.resolve(list),
      trafficClear: () => {
        list = [];
        return Promise.resolve();
      },
    });
    await user.click(await screen.findByTestId('traffic-clear'));
    await screen.findByText('No traffic yet');
    expect(platform.of('trafficClear')).toEqual([[id]]);
    await expectAccessible();
  });
});

describe('keys', () => {
  afterEach(() => vi.restoreAllMocks());

  it('Ctrl with 1 to 5 open the tabs, and the panel belongs to its tab', async () => {
    const { user } = await openTab('signin');
    for (const [key, tab] of ['signin', 'session', 'claims', 'provider', 'traffic'].entries()) {
      await user.keyboard(`{Control>}${key + 1}{/Control}`);
      const trigger = screen.getByTestId(`tab-${tab}`);
      expect(trigger.getAttribute('aria-selected')).toBe('true');
      const panel = document.getElementById(trigger.getAttribute('aria-controls') ?? '');
      expect(panel?.getAttribute('role')).toBe('tabpanel');
      expect(panel?.getAttribute('aria-labelledby')).toBe(trigger.id);
    }
  });

  it('arrow keys move between tabs', async () => {
    const { user } = await openTab('signin');
    screen.getByTestId('tab-signin').focus();
    await user.keyboard('{ArrowRight}');
    expect(screen.getByTestId('tab-session').getAttribute('aria-selected')).toBe('true');
  });

  it('Ctrl-N opens a new connection with the name focused', async () => {
    const { user } = await openWindow();
    await user.keyboard('{Control>}n{/Control}');
    expect(document.activeElement).toBe(screen.getByTestId('nc-name'));
  });

  it('Ctrl-Enter runs the main action of the tab', async () => {
    const { user, platform } = await openTab('provider');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(platform.of('provider').at(-1)?.[1]).toBe(true));
  });
});

it('writes nothing where a page may write', async () => {
  await openTab('session', { tokenReveal: () => Promise.resolve('canary') });
  const { user } = { user: (await import('@testing-library/user-event')).default.setup() };
  await user.click(await screen.findByRole('button', { name: 'Reveal Access token' }));
  expect(Object.keys(window['localStorage'])).toEqual([]);
  expect(Object.keys(window['sessionStorage'])).toEqual([]);
  expect(location.href).not.toContain('canary');
});
