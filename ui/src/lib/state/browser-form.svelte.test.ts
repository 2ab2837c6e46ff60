import { describe, expect, it } from 'vitest';

import { connection, demo } from '../../../fixtures/connections';
import { BrowserForm, modesOf } from './browser-form.svelte';

function form(change: Partial<BrowserForm> = {}, of = connection({})): BrowserForm {
  return Object.assign(new BrowserForm(of), change);
}

const chosen = (given: BrowserForm) => {
  const checked = given.check();
  if ('errors' in checked) throw new Error(JSON.stringify(checked.errors));
  return checked.chosen;
};
const errors = (given: BrowserForm) => {
  const checked = given.check();
  return 'errors' in checked ? checked.errors : {};
};

describe('the request', () => {
  it('begins with the connection’s redirect URI and scopes, and sends nothing optional', () => {
    expect(chosen(form())).toEqual({
      redirect_uri: 'https://payroll.acme.example/callback',
      response_type: 'code',
      response_mode: null,
      // OneLogin refuses offline_access here.
      scopes: ['openid', 'profile', 'groups'],
      prompt: null,
      login_hint: null,
      acr_values: [],
      max_age: null,
      resources: [],
      ui_locales: [],
      extra: [],
      browser: 'login_window',
      keep_browser_session: false,
      show_first: false,
    });
  });

  it('keeps offline_access for a provider that takes it with a code', () => {
    const other = connection({ issuer: 'https://login.example.com' });
    expect(chosen(form({}, other)).scopes).toContain('offline_access');
  });

  it('sends what was typed, taken apart', () => {
    expect(
      chosen(
        form({
          responseType: 'id_token token',
          responseMode: 'form_post',
          prompt: 'login',
          loginHint: ' peggy.sue ',
          acrValues: 'onelogin:nist:level:1:re-auth  loa2',
          maxAge: '300',
          resources: 'https://api.example\n',
          uiLocales: 'en-GB de',
          extra: 'tenant=acme',
          showFirst: true,
        }),
      ),
    ).toMatchObject({
      response_type: 'id_token token',
      response_mode: 'form_post',
      prompt: 'login',
      login_hint: 'peggy.sue',
      acr_values: ['onelogin:nist:level:1:re-auth', 'loa2'],
      max_age: 300,
      resources: ['https://api.example'],
      ui_locales: ['en-GB', 'de'],
      extra: [{ name: 'tenant', value: 'acme' }],
      show_first: true,
    });
  });

  it('never asks for tokens in the query', () => {
    expect(modesOf('code')).toContain('query');
    for (const type of ['id_token', 'id_token token'] as const) {
      expect(modesOf(type)).not.toContain('query');
    }
    const given = form({ responseMode: 'query' });
    expect(chosen(given).response_mode).toBe('query');
    given.responseType = 'id_token';
    expect(given.responseMode).toBe('');
    expect(chosen(given).response_mode).toBeNull();
  });

  it('keeps no browser session of the system browser', () => {
    const given = form({ keepSession: true });
    expect(chosen(given).keep_browser_session).toBe(true);
    given.browser = 'system';
    given.redirectUris.system = 'http://127.0.0.1/callback';
    expect(chosen(given)).toMatchObject({
      redirect_uri: 'http://127.0.0.1/callback',
      keep_browser_session: false,
    });
  });
});

describe('the redirect URI', () => {
  it('of the system browser has to lead to this computer', () => {
    const given = form({ browser: 'system' });
    expect(given.redirectUris.system).toBe('');
    given.redirectUris.system = 'https://payroll.acme.example/callback';
    expect(errors(given).redirect_uri).toContain('on this computer');
    given.redirectUris.system = 'http://localhost:8080/callback';
    expect(errors(given)).toEqual({});
  });

  it('of the connection does for both browsers where it leads to this computer', () => {
    const here = connection({ redirect_uri: 'http://127.0.0.1:8080/cb' });
    expect(form({}, here).redirectUris).toEqual({
      login_window: 'http://127.0.0.1:8080/cb',
      system: 'http://127.0.0.1:8080/cb',
    });
  });

  it('is asked for where the connection has none, and there for the demo tenant', () => {
    expect(errors(form({}, connection({ redirect_uri: null }))).redirect_uri).toContain(
      'registered',
    );
    expect(errors(form({}, demo))).toEqual({});
    expect(errors(form({ browser: 'system' }, demo))).toEqual({});
  });
});

it('says everything that is wrong at its field', () => {
  const given = form({ maxAge: '5m', resources: 'payroll', extra: 'tenant' });
  given.redirectUris.login_window = 'https://app.example/cb#here';
  expect(Object.keys(errors(given)).sort()).toEqual([
    'extra',
    'max_age',
    'redirect_uri',
    'resources',
  ]);
});
