import { expect, it } from 'vitest';

import { matches } from './filter';

it('wants every word, in any order and case', () => {
  expect(matches('', 'email')).toBe(true);
  expect(matches('PEGGY email', 'email', 'peggy.sue@onelogin.com')).toBe(true);
  expect(matches('peggy phone', 'email', 'peggy.sue@onelogin.com')).toBe(false);
});
