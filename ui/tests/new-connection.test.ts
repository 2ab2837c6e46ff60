import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { appState, connection, discovery } from '../fixtures/connections';
import { problem } from '../fixtures/reports';
import { deferred } from '../src/lib/platform/fake';
import type { Discovery } from '../src/lib/bindings/Discovery';
import type { Platform } from '../src/lib/platform/types';
import { expectAccessible, openWindow } from './window';

const saved = connection({ id: '9'.repeat(32), name: 'New one' });

async function openForm(given: Partial<Platform> = {}) {
  const opened = await openWindow({ connectionSave: () => Promise.resolve(saved), ...given });
  await opened.user.click(screen.getByTestId('new-connection'));
  return opened;
}

async function fill(user: Awaited<ReturnType<typeof openForm>>['user']) {
  await user.type(screen.getByTestId('nc-name'), 'New one');
  await user.type(screen.getByTestId('nc-subdomain'), 'acme');
  await user.type(screen.getByTestId('nc-client-id'), 'client');
  await user.type(screen.getByTestId('nc-client-secret'), 'canary');
}

describe('a new connection', () => {
  it('is looked up while typing, and offers what discovery offers', async () => {
    const { user, platform } = await openForm({
      discover: () => Promise.resolve(discovery({ methods: ['post'], scopes: ['openid', 'zulu'] })),
    });
    await user.type(screen.getByTestId('nc-subdomain'), 'acme');
    await screen.findByText('zulu');
    expect(platform.of('discover').map(([input]) => input)).toEqual([
      { kind: 'onelogin', text: 'acme' },
    ]);
    const basic = screen.getByTestId<HTMLInputElement>('nc-method-basic');
    expect(basic.disabled).toBe(true);
    const reason = document.getElementById(basic.getAttribute('aria-describedby') ?? '');
    expect(reason?.textContent).toContain('not offered');
    expect(screen.getByTestId<HTMLInputElement>('nc-method-post').checked).toBe(true);
    await expectAccessible();
  });

  it('h21 shows a hidden character of a scope, and each scope once', async () => {
    const { user } = await openForm({
      discover: () => Promise.resolve(discovery({ scopes: ['openid', 'openid', 'zu\u{202e}lu'] })),
    });
    await user.type(screen.getByTestId('nc-subdomain'), 'acme');
    await screen.findByText('zu\\u{202e}lu');
    expect(screen.getAllByText('openid')).toHaveLength(1);
  });

  it('saves what was typed, and takes the issuer from discovery', async () => {
    const { user, platform } = await openForm();
    await fill(user);
    await user.click(screen.getByTestId('nc-save'));
    await waitFor(() => expect(platform.of('connectionSave')).toHaveLength(1));
    expect(platform.of('connectionSave')[0]?.[0]).toEqual({
      id: null,
      name: 'New one',
      issuer: 'https://acme.onelogin.com/oidc/2',
      client_id: 'client',
      auth_method: 'basic',
      client_secret: 'canary',
      redirect_uri: null,
      post_logout_redirect_uri: null,
      scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
      username: null,
    });
    expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('New one');
  });

  it('saves where the app is called back, as it is registered, and refuses what cannot be', async () => {
    const { user, platform } = await openForm();
    await fill(user);
    const out = screen.getByTestId('nc-post-logout-redirect-uri');
    await user.type(screen.getByTestId('nc-redirect-uri'), 'https://payroll.acme.example/callback');
    await user.type(out, '/signed-out');
    await user.click(screen.getByTestId('nc-save'));
    await waitFor(() => expect(document.activeElement).toBe(out));
    expect(out.getAttribute('aria-invalid')).toBe('true');
    expect(platform.of('connectionSave')).toHaveLength(0);
    await user.clear(out);
    await user.type(out, 'https://payroll.acme.example/signed-out');
    await user.click(screen.getByTestId('nc-save'));
    await waitFor(() => expect(platform.of('connectionSave')).toHaveLength(1));
    expect(platform.of('connectionSave')[0]?.[0]).toMatchObject({
      redirect_uri: 'https://payroll.acme.example/callback',
      post_logout_redirect_uri: 'https://payroll.acme.example/signed-out',
    });
  });

  it('says what is missing at each field, and leads to the first', async () => {
    const { user, platform } = await openForm();
    await user.click(screen.getByTestId('nc-save'));
    const name = screen.getByTestId('nc-name');
    await waitFor(() => expect(document.activeElement).toBe(name));
    for (const field of ['nc-name', 'nc-subdomain', 'nc-client-id', 'nc-client-secret']) {
      const input = screen.getByTestId(field);
      expect(input.getAttribute('aria-invalid')).toBe('true');
      const described = (input.getAttribute('aria-describedby') ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join(' ');
      expect(described).toMatch(/Give|Enter/);
    }
    expect(platform.of('connectionSave')).toHaveLength(0);
    await expectAccessible();
    await user.type(name, 'x');
    expect(name.getAttribute('aria-invalid')).toBeNull();
  });

  it('refuses a name that is taken, without regard to case', async () => {
    const { user } = await openForm();
    await fill(user);
    await user.clear(screen.getByTestId('nc-name'));
    await user.type(screen.getByTestId('nc-name'), 'PAYROLL portal');
    await user.click(screen.getByTestId('nc-save'));
    await screen.findByText(/Another connection has this name/);
  });

  it('marks the differing character of an issuer, and takes the one that is named', async () => {
    const named = 'https://acne.onelogin.com/oidc/2';
    const { user, platform } = await openForm({
      discover: (input) =>
        input.text === named
          ? Promise.resolve(discovery({ issuer: named }))
          : Promise.reject({
              field: 'issuer',
              problem: problem('issuer_mismatch', { fix: { fix: 'use_issuer', issuer: named } }),
            }),
    });
    await fill(user);
    await screen.findByTestId('problem');
    expect([...document.querySelectorAll('mark')].map((one) => one.textContent)).toEqual([
      'm',
      'n',
    ]);
    await expectAccessible();
    await user.click(screen.getByText('Use that issuer'));
    await screen.findByText('Found');
    expect(platform.of('discover').at(-1)?.[0]).toEqual({ kind: 'issuer', text: named });
  });

  it('can be saved in a second step although discovery failed', async () => {
    const { user, platform } = await openForm({
      discover: () => Promise.reject({ field: null, problem: problem('dns') }),
    });
    await fill(user);
    await user.click(screen.getByTestId('nc-save'));
    const anyway = await screen.findByTestId('nc-save-anyway');
    await waitFor(() => expect(document.activeElement).toBe(anyway));
    expect(platform.of('connectionSave')).toHaveLength(0);
    await user.click(anyway);
    await waitFor(() => expect(platform.of('connectionSave')).toHaveLength(1));
    expect(platform.of('connectionSave')[0]?.[0]).toMatchObject({
      issuer: 'https://acme.onelogin.com/oidc/2',
    });
  });

  it('is not saved with an issuer that is no address', async () => {
    const { user, platform } = await openForm({
      discover: () => Promise.reject({ field: 'issuer', problem: problem('invalid_issuer') }),
    });
    await fill(user);
    await user.click(screen.getByTestId('nc-save'));
    await waitFor(() =>
      expect(screen.getByTestId('nc-subdomain').getAttribute('aria-invalid')).toBe('true'),
    );
    expect(screen.queryByTestId('nc-save-anyway')).toBeNull();
    expect(platform.of('connectionSave')).toHaveLength(0);
  });

  it('throws away the answer to what is no longer typed, and cancels the question', async () => {
    const slow = deferred<Discovery>();
    const { user, platform } = await openForm({
      discover: (input) =>
        input.text === 'acm'
          ? slow.promise
          : Promise.resolve(discovery({ issuer: 'https://acme.onelogin.com/oidc/2' })),
    });
    await user.type(screen.getByTestId('nc-subdomain'), 'acm');
    await waitFor(() => expect(platform.of('discover')).toHaveLength(1));
    const run = platform.of('discover')[0]?.[1];
    await user.type(screen.getByTestId('nc-subdomain'), 'e');
    expect(platform.of('cancel')[0]?.[0]).toBe(run);
    await screen.findByText('https://acme.onelogin.com/oidc/2');
    slow.resolve(discovery({ issuer: 'https://acm.onelogin.com/oidc/2' }));
    await Promise.resolve();
    expect(screen.queryByText('https://acm.onelogin.com/oidc/2')).toBeNull();
  });

  it('keeps everything when the keychain refuses the secret, and can do without', async () => {
    let first = true;
    const { user, platform } = await openForm({
      connectionSave: () => {
        if (!first) return Promise.resolve(saved);
        first = false;
        return Promise.reject({ field: 'client_secret', problem: problem('keychain_absent') });
      },
    });
    await fill(user);
    await user.click(screen.getByTestId('nc-save'));
    const without = await screen.findByText('Save without the secret');
    expect(screen.getByTestId<HTMLInputElement>('nc-client-secret').value).toBe('canary');
    await user.click(without);
    await waitFor(() => expect(platform.of('connectionSave')).toHaveLength(2));
    expect(platform.of('connectionSave')[1]?.[0]).toMatchObject({ client_secret: null });
  });

  it('warns of the retired generation and of a password grant that is not offered', async () => {
    const { user } = await openForm({
      discover: () => Promise.resolve(discovery({ retired: true, password_grant: false })),
    });
    await user.type(screen.getByTestId('nc-subdomain'), 'x');
    await screen.findByText(/first generation/);
    screen.getByText(/does not offer the password grant/);
  });

  it('answers in the room it keeps under the field, and says the rest after the fields', async () => {
    const slow = deferred<Discovery>();
    const warning = {
      status: 'warning',
      expected: 'x'.repeat(300),
      received: 'y'.repeat(300),
      reference: 'OIDC Discovery §3',
      remedy: 'z'.repeat(300),
    } as const;
    const { user } = await openForm({
      discover: (input) => {
        if (input.text === 'slow') return slow.promise;
        return Promise.reject({
          field: 'issuer',
          problem: problem(input.text === 'bad' ? 'invalid_issuer' : 'dns'),
        });
      },
    });
    const typed = screen.getByTestId('nc-subdomain');
    const answer = screen.getByTestId('nc-lookup');
    const details = screen.getByTestId('nc-lookup-details');
    const expectInPlace = async (state: string, says: string) => {
      await waitFor(() => expect(answer.dataset['state']).toBe(state));
      expect(answer.textContent).toContain(says);
      // The same elements all along: what is read aloud is heard only where it was before.
      expect(screen.getByTestId('nc-lookup')).toBe(answer);
      expect(screen.getByTestId('nc-lookup-details')).toBe(details);
      expect(answer.children.length).toBeLessThanOrEqual(3);
      expect(answer.querySelector('.box, ul, table')).toBeNull();
      for (const field of ['nc-client-id', 'nc-method-none', 'nc-redirect-uri']) {
        const where = details.compareDocumentPosition(screen.getByTestId(field));
        expect(where & Node.DOCUMENT_POSITION_PRECEDING, field).toBeTruthy();
      }
      await expectAccessible();
    };
    await expectInPlace('none', 'looked up while you type');
    await user.type(typed, 'slow');
    await expectInPlace('busy', 'https://slow.onelogin.com/oidc/2');
    slow.resolve(
      discovery({
        issuer: 'https://slow.onelogin.com/oidc/2',
        retired: true,
        findings: [
          { check: 'metadata_grant', ...warning },
          { check: 'metadata_pkce', ...warning },
        ],
      }),
    );
    await expectInPlace('found', 'Found, with something to look at');
    expect(details.querySelectorAll('li')).toHaveLength(2);
    expect(details.textContent).toContain('first generation');
    await user.click(screen.getByTestId('nc-lookup-lead'));
    expect(document.activeElement?.textContent).toBe('What discovery says');
    await user.clear(typed);
    await user.type(typed, 'away');
    await expectInPlace('failed', 'The host name is not known');
    expect(details.contains(screen.getByTestId('problem'))).toBe(true);
    await user.clear(typed);
    await user.type(typed, 'bad');
    await waitFor(() => expect(typed.getAttribute('aria-invalid')).toBe('true'));
    await expectInPlace('failed', 'Not looked up yet.');
    expect(screen.queryByTestId('problem')).toBeNull();
  });

  it('keeps the place of the secret where the provider takes none, and sends none', async () => {
    const slow = deferred<Discovery>();
    const { user, platform } = await openForm({ discover: () => slow.promise });
    await fill(user);
    const secret = screen.getByTestId<HTMLInputElement>('nc-client-secret');
    slow.resolve(discovery({ methods: ['none'] }));
    await waitFor(() => expect(secret.matches(':disabled')).toBe(true));
    expect(secret.isConnected).toBe(true);
    screen.getByText('None (PKCE) takes no secret.');
    await expectAccessible();
    await user.click(screen.getByTestId('nc-save'));
    await waitFor(() => expect(platform.of('connectionSave')).toHaveLength(1));
    expect(platform.of('connectionSave')[0]?.[0]).toMatchObject({
      auth_method: 'none',
      client_secret: null,
    });
  });

  it('leaves a scope in its place when others are offered beside it', async () => {
    const { user } = await openForm({
      discover: () =>
        Promise.resolve(discovery({ scopes: ['groups', 'email', 'name', 'profile', 'openid'] })),
    });
    const shown = () =>
      [...document.querySelectorAll('[data-field="scopes"] button')].map((one) =>
        one.textContent.trim(),
      );
    expect(shown()).toEqual(['openid', 'profile', 'email']);
    await user.type(screen.getByTestId('nc-subdomain'), 'acme');
    await screen.findByText('groups');
    expect(shown()).toEqual(['openid', 'profile', 'email', 'groups', 'name']);
  });

  it('takes a scope that is not listed', async () => {
    const { user } = await openForm();
    await user.type(screen.getByLabelText('Another scope'), 'custom{Enter}');
    expect(screen.getByRole('button', { name: 'custom', pressed: true })).toBeTruthy();
    expect(screen.getByTestId('nc-save')).toBeTruthy();
  });
});

describe('a changed connection', () => {
  it('keeps the stored secret when the field is left empty', async () => {
    const { user, platform } = await openWindow({
      connectionSave: (draft) => Promise.resolve(connection({ name: draft.name })),
    });
    await user.click(screen.getByTestId('connection-Payroll portal'));
    await user.click(screen.getByTestId('connection-edit'));
    expect(screen.getByTestId<HTMLInputElement>('nc-subdomain').value).toBe('acme');
    screen.getByText(/Leave empty to keep/);
    await fireEvent.input(screen.getByTestId('nc-name'), { target: { value: 'Renamed' } });
    await user.click(screen.getByTestId('nc-save'));
    await waitFor(() => expect(platform.of('connectionSave')).toHaveLength(1));
    expect(platform.of('connectionSave')[0]?.[0]).toMatchObject({
      id: connection({}).id,
      name: 'Renamed',
      client_secret: null,
      username: 'peggy.sue',
    });
    await screen.findByTestId('connection-Renamed');
  });

  it('is removed after a confirmation that names the keychain', async () => {
    const { user, platform } = await openWindow({ connectionRemove: () => Promise.resolve() });
    await user.click(screen.getByTestId('connection-Payroll portal'));
    await user.click(screen.getByTestId('connection-remove'));
    const dialog = await screen.findByRole('alertdialog');
    expect(dialog.textContent).toContain('keychain');
    await expectAccessible();
    await user.click(screen.getByTestId('remove-confirm'));
    await waitFor(() => expect(screen.queryByTestId('connection-Payroll portal')).toBeNull());
    expect(platform.of('connectionRemove')).toEqual([[connection({}).id]]);
  });
});

describe('settings', () => {
  it('choose and clear the extra certificate file', async () => {
    const { user, platform } = await openWindow({
      appState: () => Promise.resolve(appState({})),
      chooseCaFile: () => Promise.resolve('/etc/ca.pem'),
      settingsSave: (settings) => Promise.resolve(settings),
    });
    await user.click(screen.getByTestId('settings'));
    await expectAccessible();
    await user.click(screen.getByTestId('ca-choose'));
    await screen.findByText('/etc/ca.pem');
    await user.click(screen.getByTestId('ca-clear'));
    await screen.findByText('No file chosen.');
    expect(platform.of('settingsSave')).toEqual([
      [{ extra_ca_file: '/etc/ca.pem' }],
      [{ extra_ca_file: null }],
    ]);
  });

  it('say why a file cannot be used', async () => {
    const { user } = await openWindow({
      chooseCaFile: () => Promise.resolve('/etc/ca.pem'),
      settingsSave: () =>
        Promise.reject({ field: 'extra_ca_file', problem: problem('configuration') }),
    });
    await user.click(screen.getByTestId('settings'));
    await user.click(screen.getByTestId('ca-choose'));
    await screen.findByTestId('problem');
    screen.getByText('No file chosen.');
  });
});
