import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { connection, demo } from '../fixtures/connections';
import { problem, refused, rejected, report, runningSteps, wrongMethod } from '../fixtures/reports';
import { noSession, session, stored } from '../fixtures/session';
import type { SignInReport } from '../src/lib/bindings/SignInReport';
import { deferred } from '../src/lib/platform/fake';
import type { Platform } from '../src/lib/platform/types';
import { expectAccessible, openTab } from './window';

const nothing: Partial<Platform> = {
  report: () => Promise.resolve(null),
  session: () => Promise.resolve(noSession),
  claims: () => Promise.resolve(null),
  traffic: () => Promise.resolve([]),
};

describe('sign in with a password', () => {
  it('says what to do before the first run', async () => {
    await openTab('signin', nothing);
    screen.getByText('No run yet');
    screen.getByText('acme.onelogin.com', { selector: '.host' });
    await expectAccessible();
  });

  it('sends what was typed, shows the steps while it runs, and the verdict at the end', async () => {
    const end = deferred<SignInReport>();
    const { user, platform } = await openTab('signin', {
      ...nothing,
      signInPassword: (_request, progress) => {
        progress({ event: 'steps', steps: runningSteps });
        return end.promise;
      },
    });
    await user.type(screen.getByTestId('si-password'), 'canary');
    await user.click(screen.getByRole('button', { name: 'groups' }));
    await user.click(screen.getByTestId('si-submit'));
    await screen.findAllByText('running');
    expect(screen.getByTestId('si-submit').getAttribute('aria-busy')).toBe('true');
    await expectAccessible();
    expect(platform.of('signInPassword')[0]?.[0]).toMatchObject({
      connection: connection({}).id,
      username: 'peggy.sue',
      password: 'canary',
      scopes: ['openid', 'profile', 'offline_access'],
      client_secret: null,
      keep: 'keychain',
    });
    end.resolve(report({}));
    const verdict = await screen.findByTestId('verdict');
    expect(verdict.textContent).toContain('Signed in as Peggy Sue');
    expect(verdict.textContent).toContain('14 of 14 checks passed.');
    expect(screen.getByTestId('finding-id_token_issuer').textContent).toContain('Passed');
    await waitFor(() =>
      expect(screen.getByTestId('announcement').textContent).toContain('Signed in as Peggy Sue'),
    );
    screen.getByText('No groups came back, though you asked for them.');
    await expectAccessible();
  });

  it('brings the result into view when a run ends, and not when a tab is opened', async () => {
    const into = vi.spyOn(Element.prototype, 'scrollIntoView');
    const { user } = await openTab('signin', { signInPassword: () => Promise.resolve(rejected) });
    await screen.findByTestId('verdict');
    expect(into).not.toHaveBeenCalled();
    await user.type(screen.getByTestId('si-password'), 'canary{Enter}');
    await screen.findByText('Rejected: Audience failed');
    await waitFor(() =>
      expect(into.mock.contexts).toContain(screen.getByTestId('finding-id_token_audience')),
    );
    into.mockRestore();
  });

  it('asks for what is missing and sends nothing', async () => {
    const { user, platform } = await openTab('signin', nothing);
    await user.click(screen.getByTestId('si-submit'));
    const password = screen.getByTestId('si-password');
    expect(password.getAttribute('aria-invalid')).toBe('true');
    await waitFor(() => expect(document.activeElement).toBe(password));
    expect(platform.of('signInPassword')).toHaveLength(0);
  });

  it('is cancelled by Escape, by its own name', async () => {
    const end = deferred<SignInReport>();
    const { user, platform } = await openTab('signin', {
      ...nothing,
      signInPassword: () => end.promise,
    });
    await user.type(screen.getByTestId('si-password'), 'canary{Control>}{Enter}{/Control}');
    await screen.findByTestId('si-cancel');
    await user.keyboard('{Escape}');
    const request = platform.of('signInPassword')[0]?.[0] as { run: string };
    expect(platform.of('cancel')).toEqual([[request.run]]);
    end.resolve(
      report({ outcome: 'network_error', findings: [], error: problem('cancelled'), notes: [] }),
    );
    expect((await screen.findByTestId('verdict')).textContent).toContain('Cancelled');
    expect(screen.getByTestId<HTMLInputElement>('si-password').value).toBe('canary');
  });

  it('shows a rejection with its check and remedy, and calls the tokens untrusted', async () => {
    await openTab('signin', { report: () => Promise.resolve(rejected) });
    const verdict = await screen.findByTestId('verdict');
    expect(verdict.textContent).toContain('Rejected: Audience failed');
    expect(verdict.textContent).toContain('untrusted');
    expect(screen.getByTestId('finding-id_token_audience').textContent).toContain('Failed');
    await expectAccessible();
  });

  it('shows the remedy and the provider’s own words of a refusal', async () => {
    await openTab('signin', { report: () => Promise.resolve(refused) });
    const panel = await screen.findByTestId('problem');
    expect(panel.textContent).toContain('401 invalid_request');
    expect(panel.textContent).toContain('MFA is required for this user');
    expect(screen.getByTestId('problem-remedy').textContent).toContain('Policies');
    await expectAccessible();
  });

  it('shows provider text as text', async () => {
    await openTab('signin', { report: () => Promise.resolve(wrongMethod) });
    await screen.findByText(/<img src=x onerror=alert\(1\)>/);
    expect(document.querySelector('img')).toBeNull();
  });

  it('makes the change that is offered, and then offers to run again', async () => {
    const { user, platform } = await openTab('signin', {
      report: () => Promise.resolve(wrongMethod),
      connectionFix: () => Promise.resolve(connection({ auth_method: 'post' })),
      signInPassword: () => Promise.resolve(report({})),
    });
    await user.type(screen.getByTestId('si-password'), 'canary');
    await user.click(await screen.findByText('Use POST here'));
    expect(platform.of('connectionFix')).toEqual([
      [connection({}).id, { fix: 'use_auth_method', method: 'post' }],
    ]);
    screen.getByText('The connection now uses POST.', { selector: 'p' });
    await user.click(screen.getByText('Sign in again'));
    await waitFor(() =>
      expect(screen.getByTestId('verdict').textContent).toContain('Signed in as Peggy Sue'),
    );
  });

  it('adds a scope to the request when that is the change', async () => {
    const { user } = await openTab('signin', {
      report: () =>
        Promise.resolve(
          report({
            ...refused,
            error: problem('oauth_error', { fix: { fix: 'add_scope', scope: 'email' } }),
          }),
        ),
      connectionFix: () => Promise.resolve(connection({})),
    });
    await user.click(await screen.findByText('Add email'));
    expect(screen.getByRole('button', { name: 'email' }).getAttribute('aria-pressed')).toBe('true');
  });

  it('says at its field why a run could not begin, and keeps what was typed', async () => {
    const { user } = await openTab('signin', {
      ...nothing,
      signInPassword: () =>
        Promise.reject({ field: 'client_secret', problem: problem('nothing_stored') }),
    });
    await user.type(screen.getByTestId('si-password'), 'canary');
    await user.click(screen.getByTestId('si-submit'));
    const secret = await screen.findByTestId('si-client-secret');
    expect(secret.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByTestId<HTMLInputElement>('si-password').value).toBe('canary');
    expect(screen.getByTestId('verdict').textContent).toContain('Nothing was sent.');
    await expectAccessible();
  });

  it('forgets the password when another connection is shown', async () => {
    const { user } = await openTab('signin', nothing);
    await user.type(screen.getByTestId('si-password'), 'canary');
    await user.click(screen.getByTestId('connection-Demo tenant'));
    await user.click(screen.getByTestId('connection-Payroll portal'));
    expect(screen.getByTestId<HTMLInputElement>('si-password').value).toBe('');
    expect(document.body.innerHTML).not.toContain('canary');
  });

  it('does not offer to keep or complete what is typed', async () => {
    await openTab('signin', nothing);
    const password = screen.getByTestId('si-password');
    expect(password.getAttribute('autocomplete')).toBe('off');
    expect(password.getAttribute('spellcheck')).toBe('false');
    expect(password.getAttribute('type')).toBe('password');
  });

  it('offers this session only while the keychain is locked', async () => {
    const { user, platform } = await openTab('signin', {
      ...nothing,
      session: () => Promise.resolve(session({ tokens: [], stored: stored('locked') })),
      signInPassword: () => Promise.resolve(report({})),
    });
    await screen.findByText('The keychain is locked.');
    await expectAccessible();
    await user.click(screen.getByText('For this session only'));
    await user.type(screen.getByTestId('si-password'), 'canary');
    await user.click(screen.getByTestId('si-submit'));
    expect(platform.of('signInPassword')[0]?.[0]).toMatchObject({ keep: 'session_only' });
  });

  it('keeps for this session only where there is no keychain', async () => {
    const { user, platform } = await openTab('signin', {
      ...nothing,
      session: () => Promise.resolve(session({ tokens: [], stored: stored('absent') })),
      signInPassword: () => Promise.resolve(report({})),
    });
    await screen.findByText('The refresh token is kept for this session only.');
    expect(screen.queryByTestId('si-keep')).toBeNull();
    await user.type(screen.getByTestId('si-client-secret'), 'secret');
    await user.type(screen.getByTestId('si-password'), 'canary{Enter}');
    await waitFor(() =>
      expect(platform.of('signInPassword')[0]?.[0]).toMatchObject({
        keep: 'session_only',
        client_secret: 'secret',
      }),
    );
  });

  it('copies the request as a command line', async () => {
    const { user, platform } = await openTab('signin', { passwordCurl: () => Promise.resolve() });
    await user.click(screen.getByTestId('si-curl'));
    await screen.findByText('Copied');
    expect(platform.of('passwordCurl')).toEqual([
      [connection({}).id, 'peggy.sue', connection({}).scopes],
    ]);
  });
});

describe('refresh', () => {
  it('says that the keychain holds a refresh token, and uses it', async () => {
    const { user, platform } = await openTab('signin', {
      ...nothing,
      session: () => Promise.resolve(session({ tokens: [], stored: stored('held') })),
      signInRefresh: () => Promise.resolve(report({})),
    });
    await user.click(await screen.findByText('Go to Refresh'));
    expect(screen.getByTestId('session-stored').textContent).toContain('holds a refresh token');
    await expectAccessible();
    await user.click(screen.getByTestId('refresh-submit'));
    await waitFor(() =>
      expect(screen.getByTestId('verdict').textContent).toContain('Refreshed for Peggy Sue'),
    );
    expect(platform.of('signInRefresh')[0]?.[0]).toMatchObject({ connection: connection({}).id });
  });

  it('is off while there is nothing to refresh with', async () => {
    const { user, platform } = await openTab('signin', nothing);
    await user.click(screen.getByTestId('way-refresh'));
    expect(screen.getByTestId('refresh-submit').getAttribute('aria-disabled')).toBe('true');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await user.click(screen.getByTestId('refresh-submit'));
    expect(platform.of('signInRefresh')).toHaveLength(0);
    await expectAccessible();
  });
});

it('keeps one run of a connection apart from the view of another', async () => {
  const end = deferred<SignInReport>();
  const { user } = await openTab('signin', { ...nothing, signInPassword: () => end.promise });
  await user.type(screen.getByTestId('si-password'), 'canary');
  await user.click(screen.getByTestId('si-submit'));
  await user.click(screen.getByTestId(`connection-${demo.name}`));
  end.resolve(report({}));
  await Promise.resolve();
  expect(screen.queryByTestId('verdict')).toBeNull();
  await user.click(screen.getByTestId('connection-Payroll portal'));
  await screen.findByTestId('verdict');
});
