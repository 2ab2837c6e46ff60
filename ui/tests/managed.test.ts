// The window on a computer whose policy sets something.
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { appState, connection, connections } from '../fixtures/connections';
import { problem, report } from '../fixtures/reports';
import { session } from '../fixtures/session';
import type { PolicyView } from '../src/lib/bindings/PolicyView';
import type { Platform } from '../src/lib/platform/types';
import { expectAccessible, openWindow } from './window';

const policy: PolicyView = {
  file: '/etc/latchkey/policy.json',
  allowed_issuers: ['https://acme.onelogin.com/oidc/2'],
  login_window: false,
  extra_ca_file: '/etc/latchkey/acme-root.pem',
};
const payroll = connection({
  id: '0000000000000000000000000000000e',
  name: 'Payroll',
  managed: true,
  last_run: null,
});
const own = connection({ name: 'PAYROLL' });

function text(testid: string): string {
  return screen.getByTestId(testid).textContent;
}

function open(change: Partial<PolicyView>, given: Partial<Platform> = {}) {
  return openWindow({
    appState: () =>
      Promise.resolve(
        appState({
          connections: [payroll, own, ...connections.filter((one) => one.id !== own.id)],
          policy: { ...policy, ...change },
          selected: payroll.id,
        }),
      ),
    ...given,
  });
}

describe('a managed connection', () => {
  it('has a mark, and neither Edit nor Remove', async () => {
    const { user } = await open({});
    expect(text('connection-Payroll')).toContain('Managed');
    expect(text('connection-managed')).toContain('policy');
    expect(screen.queryByTestId('connection-edit')).toBeNull();
    expect(screen.queryByTestId('connection-remove')).toBeNull();
    await expectAccessible();

    await user.click(screen.getByTestId('connection-PAYROLL'));
    expect(text('connection-PAYROLL')).not.toContain('Managed');
    expect(text('connection-PAYROLL')).toContain('has this name');
    expect(text('connection-yields')).toContain('Rename yours');
    expect(screen.queryByTestId('connection-edit')).not.toBeNull();
    expect(screen.queryByTestId('connection-remove')).not.toBeNull();
    await user.click(screen.getByTestId('connection-Legacy intranet'));
    expect(screen.queryByTestId('connection-yields')).toBeNull();
  });

  it('offers no change of its own, and says who can make it', async () => {
    const failed = report({
      outcome: 'provider_error',
      error: problem('oauth_error', { fix: { fix: 'use_auth_method', method: 'post' } }),
    });
    const { user } = await open({}, { report: () => Promise.resolve(failed) });
    await screen.findByTestId('problem-managed');
    expect(text('problem-managed')).toContain('manages the computer');
    expect(screen.queryByTestId('problem-fix')).toBeNull();
    await user.click(screen.getByTestId('connection-PAYROLL'));
    await screen.findByTestId('problem-fix');
  });

  it('has its client secret kept from the form of the sign-in', async () => {
    const empty = session({ stored: { state: 'empty', client_secret: false, problem: null } });
    const kept = session({ stored: { state: 'empty', client_secret: true, problem: null } });
    let answer = empty;
    const { user, platform } = await open(
      {},
      {
        session: () => Promise.resolve(answer),
        clientSecretKeep: () => {
          answer = kept;
          return Promise.resolve();
        },
      },
    );
    await user.click(await screen.findByTestId('si-secret-keep'));
    expect(platform.of('clientSecretKeep')).toEqual([]);
    screen.getByText('Enter the client secret.');
    await user.type(screen.getByTestId('si-client-secret'), 's3cret');
    await user.click(screen.getByTestId('si-secret-keep'));
    expect(platform.of('clientSecretKeep')).toEqual([[payroll.id, 's3cret']]);
    expect(screen.queryByTestId('si-client-secret')).toBeNull();
    expect(text('announcement')).toContain('in the keychain');

    answer = empty;
    await user.click(screen.getByTestId('connection-PAYROLL'));
    expect((await screen.findByTestId<HTMLInputElement>('si-client-secret')).value).toBe('');
    expect(screen.queryByTestId('si-secret-keep')).toBeNull();
  });

  it('whose secret the keychain refuses keeps what was typed', async () => {
    const refused = { field: 'client_secret', problem: problem('keychain_locked') };
    const { user } = await open(
      {},
      {
        session: () =>
          Promise.resolve(
            session({ stored: { state: 'locked', client_secret: null, problem: null } }),
          ),
        clientSecretKeep: () => Promise.reject(refused),
      },
    );
    await user.type(await screen.findByTestId('si-client-secret'), 's3cret');
    await user.click(screen.getByTestId('si-secret-keep'));
    const field = screen.getByTestId('si-client-secret');
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(text('announcement')).toContain(refused.problem.explanation);
    expect(screen.getByTestId<HTMLInputElement>('si-client-secret').value).toBe('s3cret');
  });
});

describe('a policy without the login window', () => {
  it('leaves the system browser, and says why', async () => {
    const { user, platform } = await open({}, { signInBrowser: () => Promise.resolve(report({})) });
    await user.click(screen.getByRole('tab', { name: 'Browser' }));
    expect(text('bw-browser-managed')).toMatch(/System browser.*policy/s);
    expect(screen.queryByTestId('bw-browser-window')).toBeNull();
    await expectAccessible();
    const uri = screen.getByTestId('bw-redirect-uri');
    await user.type(uri, 'https://payroll.acme.example/callback');
    await user.click(screen.getByTestId('bw-submit'));
    expect(screen.getByText(/needs an http address/).textContent).not.toContain('login window');
    await user.clear(uri);
    await user.type(uri, 'http://127.0.0.1/callback');
    await user.click(screen.getByTestId('bw-submit'));
    expect(platform.of('signInBrowser')[0]?.[0]).toMatchObject({ browser: 'system' });
  });

  it('leaves it for a sign-out as well', async () => {
    const { user } = await open({});
    await user.click(screen.getByTestId('tab-session'));
    await user.click(await screen.findByTestId('sign-out'));
    const choice = await screen.findByTestId('sign-out-browser');
    const values = within(choice)
      .getAllByRole<HTMLOptionElement>('option')
      .map((option) => option.value);
    expect(values).toEqual(['', 'system']);
    screen.getByText(/turns the login window off/);
  });
});

describe('the settings', () => {
  it('show what the policy sets, and where', async () => {
    const { user } = await open({});
    await user.click(screen.getByTestId('settings'));
    const card = screen.getByTestId('policy');
    for (const shown of [
      '/etc/latchkey/policy.json',
      '1 connection',
      'https://acme.onelogin.com/oidc/2',
      'Turned off',
      '/etc/latchkey/acme-root.pem',
    ]) {
      expect(card.textContent).toContain(shown);
    }
    expect(within(card).queryByRole('button')).toBeNull();
    await expectAccessible();
  });

  it('say so where a policy sets little, and nothing where there is none', async () => {
    const { app, user } = await open({
      allowed_issuers: null,
      login_window: true,
      extra_ca_file: null,
    });
    await user.click(screen.getByTestId('settings'));
    expect(text('policy')).toContain('Every issuer may be asked');
    expect(text('policy')).toContain('May be used');
    app.policy = null;
    expect(app.loginWindow).toBe(true);
    await user.click(screen.getByTestId('connection-PAYROLL'));
    await user.click(screen.getByTestId('settings'));
    expect(screen.queryByTestId('policy')).toBeNull();
  });
});
