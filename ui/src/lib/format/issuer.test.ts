import { describe, expect, it } from 'vitest';

import { connection } from '../../../fixtures/connections';
import {
  hostOf,
  initials,
  isOneLoginV2,
  isRetired,
  oneLoginIssuer,
  oneLoginName,
  subtitle,
} from './issuer';

describe('oneLoginIssuer', () => {
  it.each([
    ['acme', 'https://acme.onelogin.com/oidc/2'],
    ['  ACME ', 'https://acme.onelogin.com/oidc/2'],
    ['login.acme.com', 'https://login.acme.com/oidc/2'],
    ['https://acme.onelogin.com/portal/', 'https://acme.onelogin.com/oidc/2'],
    ['acme.onelogin.com/oidc/2', 'https://acme.onelogin.com/oidc/2'],
    ['', ''],
  ])('%j is %s', (text, issuer) => expect(oneLoginIssuer(text)).toBe(issuer));
});

it('finds the subdomain again', () => {
  expect(oneLoginName('https://acme.onelogin.com/oidc/2')).toBe('acme');
  expect(oneLoginName('https://login.acme.com/oidc/2')).toBeNull();
});

it('knows the generations', () => {
  expect(isRetired('https://openid-connect-eu.onelogin.com/oidc')).toBe(true);
  expect(isRetired('https://openid-connect.onelogin.com.example/oidc')).toBe(false);
  expect(isOneLoginV2('https://login.acme.com/oidc/2')).toBe(true);
});

it('shows the text itself where it is no URL', () => {
  expect(hostOf('https://a.example:8443/x')).toBe('a.example:8443');
  expect(hostOf('no url')).toBe('no url');
});

describe('subtitle', () => {
  it.each([
    [connection({ demo: true }), 'on this computer'],
    [connection({}), 'acme.onelogin.com · Basic'],
    [connection({ auth_method: 'none' }), 'acme.onelogin.com · PKCE'],
    [
      connection({ issuer: 'https://openid-connect-eu.onelogin.com/oidc' }),
      'openid-connect-eu · v1, retired',
    ],
  ])('%#', (given, expected) => expect(subtitle(given)).toBe(expected));
});

it('shortens a name to two letters', () => {
  expect(initials('Payroll portal')).toBe('PP');
  expect(initials('demo')).toBe('DE');
  expect(initials('…')).toBe('?');
});
