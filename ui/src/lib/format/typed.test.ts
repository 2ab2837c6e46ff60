import { describe, expect, it } from 'vitest';

import { isLoopback, parameters, redirectUriFault, resources, seconds, words } from './typed';

describe('seconds', () => {
  it.each([
    ['', null],
    [' 0 ', 0],
    ['300', 300],
    ['4294967295', 4_294_967_295],
  ])('takes %j', (text, value) => {
    expect(seconds(text)).toEqual({ value });
  });

  it.each(['5m', '-1', '1.5', '1e3', '4294967296', '٣'])(
    'says what was expected instead of %j',
    (text) => {
      expect(seconds(text)).toEqual({
        error: `Expected whole seconds, such as 0 or 300. Came: “${text}”.`,
      });
    },
  );
});

describe('parameters', () => {
  it('takes a name and a value a line, whatever the value holds', () => {
    expect(parameters('\n tenant = acme \nfilter=a=b&c\n\nempty=')).toEqual({
      value: [
        { name: 'tenant', value: 'acme' },
        { name: 'filter', value: 'a=b&c' },
        { name: 'empty', value: '' },
      ],
    });
    expect(parameters('  ')).toEqual({ value: [] });
  });

  it.each(['tenant', '=acme', ' = acme'])('names the line of %j', (line) => {
    expect(parameters(`a=b\n${line}`)).toEqual({
      error: `Line 2: expected name=value. Came: “${line.trim()}”.`,
    });
  });

  it('shows a long or hidden text harmlessly', () => {
    expect(parameters('x'.repeat(80))).toEqual({
      error: `Line 1: expected name=value. Came: “${'x'.repeat(60)}…”.`,
    });
    expect(parameters('a\u{202e}b')).toEqual({
      error: 'Line 1: expected name=value. Came: “a\\u{202e}b”.',
    });
  });
});

it('takes a whole address a line as a resource, without a fragment', () => {
  expect(resources(' https://api.example/v1 \nurn:example:api\n')).toEqual({
    value: ['https://api.example/v1', 'urn:example:api'],
  });
  for (const wrong of ['payroll', 'https://api.example/#part']) {
    expect(resources(`urn:a:b\n${wrong}`)).toEqual({
      error: `Line 2: expected a whole address without #. Came: “${wrong}”.`,
    });
  }
});

it('takes words between blanks', () => {
  expect(words('  en-GB\tde \n')).toEqual(['en-GB', 'de']);
  expect(words(' ')).toEqual([]);
});

it('finds what no redirect URI may be', () => {
  expect(redirectUriFault('/callback')).toContain('whole address');
  expect(redirectUriFault('https://app.example/cb#')).toContain('fragment');
  expect(redirectUriFault('https://app.example/cb?tenant=1')).toBeNull();
  expect(redirectUriFault('com.example.app:/cb')).toBeNull();
});

it('knows what leads to this computer', () => {
  for (const here of [
    'http://127.0.0.1/callback',
    'http://127.0.0.2:8080/cb',
    'http://[::1]:1/cb',
    'http://localhost:5173/cb',
  ]) {
    expect(isLoopback(here), here).toBe(true);
  }
  for (const elsewhere of [
    'https://127.0.0.1/callback',
    'http://127.0.0.1.example.com/cb',
    'http://localhost.example/cb',
    'http://10.0.0.1/cb',
    'callback',
  ]) {
    expect(isLoopback(elsewhere), elsewhere).toBe(false);
  }
});
