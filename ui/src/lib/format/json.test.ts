import { expect, it } from 'vitest';

import { cut, inline, isRecord, pretty } from './json';

it('shows strings bare and the rest as JSON', () => {
  expect(inline('a\u{202e}b')).toBe('a\\u{202e}b');
  expect(inline(7200)).toBe('7200');
  expect(inline(['a', 1])).toBe('["a",1]');
  expect(inline(null)).toBe('null');
});

it('prints over lines without letting anything hide', () => {
  expect(pretty({ a: '\u{200b}' })).toBe('{\n  "a": "\\u{200b}"\n}');
});

it('cuts between characters', () => {
  expect(cut('abc', 3)).toEqual({ text: 'abc', cut: false });
  expect(cut('abcd', 3)).toEqual({ text: 'abc', cut: true });
  expect(cut('ab\u{1f600}d', 3)).toEqual({ text: 'ab', cut: true });
});

it('tells objects from the rest', () => {
  expect(isRecord({})).toBe(true);
  expect(isRecord([])).toBe(false);
  expect(isRecord(null)).toBe(false);
});
