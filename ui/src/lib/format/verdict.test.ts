import { describe, expect, it } from 'vitest';

import { finding, implicit, problem, report } from '../../../fixtures/reports';
import { firstFailed, notBegun, tally, verdict, wayOf } from './verdict';

describe('tally', () => {
  it('counts what passed of what was due, notes and checks that were not due aside', () => {
    expect(
      tally([
        finding('id_token_issuer', 'passed'),
        finding('groups', 'warning'),
        finding('id_token_nonce', 'not_due'),
      ]),
    ).toBe('1 of 1 check passed.');
    expect(tally([finding('id_token_issuer', 'failed'), finding('token_type', 'passed')])).toBe(
      '1 of 2 checks passed.',
    );
    expect(tally([])).toBe('');
  });
});

describe('verdict', () => {
  it('says who signed in and where the refresh token is', () => {
    const given = report({ who: 'Peggy Sue', refresh_token_kept: 'keychain' });
    expect(verdict(given, 'password')).toEqual({
      severity: 'good',
      title: 'Signed in as Peggy Sue',
      detail: `${tally(given.findings)} Refresh token kept in the keychain.`,
    });
    expect(verdict(given, 'refresh').title).toBe('Refreshed for Peggy Sue');
    expect(verdict(report({ who: null }), 'password').title).toBe('Signed in');
  });

  it('misses no refresh token where none can come', () => {
    expect(verdict(implicit, 'browser')).toMatchObject({
      title: 'Signed in as Peggy Sue',
      detail: '12 of 12 checks passed.',
    });
    expect(verdict(report({ refresh_token_kept: 'none' }), 'password').detail).toContain(
      'No refresh token came.',
    );
  });

  it('knows a browser run by its steps', () => {
    expect(wayOf(implicit)).toBe('browser');
    expect(wayOf(report({}))).toBe('password');
  });

  it('names the check that failed and calls the tokens untrusted', () => {
    const given = report({
      outcome: 'rejected',
      findings: [finding('id_token_issuer', 'passed'), finding('id_token_audience', 'failed')],
    });
    const said = verdict(given, 'password');
    expect(said.severity).toBe('bad');
    expect(said.title).toBe('Rejected: Audience failed');
    expect(said.detail).toContain('untrusted');
    expect(firstFailed(given.findings)?.check).toBe('id_token_audience');
  });

  it('tells a refusal, a failure on the way and a cancelled run apart', () => {
    const of = (kind: Parameters<typeof problem>[0], outcome: 'provider_error' | 'network_error') =>
      verdict(report({ outcome, findings: [], error: problem(kind) }), 'password');
    expect(of('oauth_error', 'provider_error').title).toBe('The provider refused the sign-in');
    expect(of('dns', 'network_error').title).toBe('The host name is not known');
    expect(of('cancelled', 'network_error')).toMatchObject({
      severity: 'quiet',
      title: 'Cancelled',
    });
    const without = report({ outcome: 'provider_error', error: null });
    expect(verdict(without, 'refresh').title).toBe('The refresh failed');
  });

  it('says that nothing was sent where the run could not begin', () => {
    expect(notBegun({ problem: problem('invalid_input'), field: 'username' })).toEqual({
      severity: 'bad',
      title: 'Something in the form needs a change',
      detail: 'Nothing was sent.',
    });
  });
});
