import { expect, it } from 'vitest';

import type { Fix } from './bindings/Fix';
import * as words from './words';

const tables = Object.entries<unknown>(words).filter(
  (entry): entry is [string, Record<string, unknown>] => typeof entry[1] === 'object',
);

it.each(tables)('%s: every label is a plain phrase', (_name, table) => {
  for (const [code, value] of Object.entries(table)) {
    if (value === null) continue;
    const label =
      typeof value === 'string' ? value : Object.values(value as Record<string, string>)[0];
    expect(label, code).toBeTruthy();
    expect(label, code).not.toMatch(/[!_]/);
  }
});

const fixes: [Fix, string, string][] = [
  [{ fix: 'use_auth_method', method: 'post' }, 'Use POST here', 'The connection now uses POST.'],
  [
    { fix: 'use_issuer', issuer: 'https://a' },
    'Use that issuer',
    'The connection now uses https://a.',
  ],
  [{ fix: 'add_scope', scope: 'openid' }, 'Add openid', 'openid is now asked for.'],
  [{ fix: 'remove_scope', scope: 'groups' }, 'Remove groups', 'groups is no longer asked for.'],
  [
    { fix: 'confirm_host', host: 'api.example.com' },
    'Confirm api.example.com',
    'Credentials may now go to api.example.com.',
  ],
];
it.each(fixes)('a fix names its button and its effect: %j', (fix, label, done) => {
  expect(words.fixLabel(fix)).toBe(label);
  expect(words.fixDone(fix)).toBe(done);
});
