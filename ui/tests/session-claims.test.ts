import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { connection } from '../fixtures/connections';
import { problem, rejected, report } from '../fixtures/reports';
import { claims, hostileClaims, manyGroups, noSession, session, stored } from '../fixtures/session';
import { REVEAL_MS } from '../src/lib/state/reveal.svelte';
import { expectAccessible, openTab } from './window';

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

  it('have a column for introspection only where it said something', async () => {
    const columns = () => screen.getAllByRole('columnheader').map((one) => one.textContent);
    const { user } = await openTab('claims', {
      claims: () =>
        Promise.resolve({
          ...claims,
          rows: claims.rows.map((row) =>
            row.name === 'sub' ? { ...row, introspection: 'introspected' } : row,
          ),
        }),
    });
    expect(columns()).toEqual(['Claim', 'ID token', 'UserInfo', 'Introspection', 'Scope']);
    expect(screen.getByTestId('claim-sub').textContent).toContain('introspected');
    await user.type(screen.getByLabelText('Filter claims'), 'introspected');
    expect(screen.queryByTestId('claim-iss')).toBeNull();
    await expectAccessible();
  });

  it('have no such column otherwise', async () => {
    await openTab('claims');
    expect(screen.queryByText('Introspection')).toBeNull();
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
    await screen.findByText('Untrusted: the sign-in was rejected.');
    await expectAccessible();
  });

  it('of an earlier sign-in carry none where a later one was refused before a token came', async () => {
    await openTab('claims', {
      report: () => Promise.resolve({ ...rejected, id_token: null }),
    });
    await screen.findByRole('tab', { name: 'JSON' });
    expect(screen.queryByText(/Untrusted/)).toBeNull();
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

it('writes nothing where a page may write', async () => {
  await openTab('session', { tokenReveal: () => Promise.resolve('canary') });
  const { user } = { user: (await import('@testing-library/user-event')).default.setup() };
  await user.click(await screen.findByRole('button', { name: 'Reveal Access token' }));
  expect(Object.keys(window['localStorage'])).toEqual([]);
  expect(Object.keys(window['sessionStorage'])).toEqual([]);
  expect(location.href).not.toContain('canary');
});
