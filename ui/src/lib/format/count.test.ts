import { expect, it } from 'vitest';

import { counted, grouped, size } from './count';

it('groups thousands', () => expect(grouped(5000)).toBe('5,000'));

it('counts one and many', () => {
  expect(counted(1, 'key')).toBe('1 key');
  expect(counted(0, 'key')).toBe('0 keys');
  expect(counted(5000, 'entry', 'entries')).toBe('5,000 entries');
});

it.each([
  [1, '1 byte'],
  [812, '812 bytes'],
  [1_234, '1.2 kB'],
  [200_000, '200 kB'],
  [999_600, '1.0 MB'],
  [1_048_576, '1.0 MB'],
])('%d bytes is %s', (bytes, text) => expect(size(bytes)).toBe(text));
