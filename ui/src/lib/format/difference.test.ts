import { expect, it } from 'vitest';

import { firstDifference, parted } from './difference';

it('finds no difference between equal texts', () => {
  expect(firstDifference('https://a', 'https://a')).toBeNull();
  expect(parted('x', 'x')).toBeNull();
});

it('marks the differing character of two issuers', () => {
  expect(parted('https://acme.onelogin.com/oidc/2', 'https://acne.onelogin.com/oidc/2')).toEqual([
    { same: 'https://ac', differing: 'm', rest: 'e.onelogin.com/oidc/2' },
    { same: 'https://ac', differing: 'n', rest: 'e.onelogin.com/oidc/2' },
  ]);
});

it('marks a trailing slash against nothing', () => {
  expect(parted('https://a/oidc/2', 'https://a/oidc/2/')).toEqual([
    { same: 'https://a/oidc/2', differing: '', rest: '' },
    { same: 'https://a/oidc/2', differing: '/', rest: '' },
  ]);
});

it('never cuts a character in two', () => {
  expect(parted('a\u{1f600}', 'a\u{1f601}')?.[0]).toEqual({
    same: 'a',
    differing: '\u{1f600}',
    rest: '',
  });
});
