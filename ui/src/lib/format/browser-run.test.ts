import { describe, expect, it } from 'vitest';

import { ADDRESS, address, page, steps } from '../../../fixtures/browser';
import { browserSteps, implicit } from '../../../fixtures/reports';
import type { BrowserProgress } from '../bindings/BrowserProgress';
import { addressParts, after, answered, begun, pageNotes, standing } from './browser-run';

const told = (browser: 'login_window' | 'system', ...news: BrowserProgress[]) =>
  news.reduce(after, begun(browser));

describe('a run in a browser', () => {
  it('asks the provider, opens the login window, and waits for the person', () => {
    const at = (...news: BrowserProgress[]) =>
      standing(told('login_window', ...news), browserSteps);
    expect(at()).toBe('Asking the provider first…');
    expect(at(steps, address())).toBe('Opening the login window…');
    expect(at(address(), { event: 'page', page: page() })).toBe(
      'Sign in in the login window. It closes by itself.',
    );
  });

  it('says whether the system browser could be opened', () => {
    const at = (...news: BrowserProgress[]) => standing(told('system', ...news), browserSteps);
    expect(at(address())).toBe('Opening the system browser…');
    expect(at(address(), { event: 'browser', opened: true })).toContain('listens');
    expect(at(address(), { event: 'browser', opened: false })).toContain('by hand');
  });

  it('waits with the address until something opens', () => {
    const waiting = told('login_window', address(true));
    expect(waiting).toMatchObject({ waiting: true, address: ADDRESS });
    expect(standing(waiting, browserSteps)).toBe(
      'The endpoint has been asked once without a browser. Read the address, then open it.',
    );
    expect(standing(told('system', address(true)), browserSteps)).toContain('listens already');
    expect(after(waiting, { event: 'page', page: page() }).waiting).toBe(false);
    expect(after(waiting, { event: 'browser', opened: true }).waiting).toBe(false);
  });

  it('is done with the browser once the answer came', () => {
    expect(answered(browserSteps)).toBe(false);
    expect(answered(implicit.steps)).toBe(true);
    expect(standing(told('login_window', address()), implicit.steps)).toBe(
      'The answer came. Checking it…',
    );
  });
});

describe('a page', () => {
  it('in order needs no words', () => {
    expect(pageNotes(page())).toEqual([]);
    expect(pageNotes(page({ http_status: null, loading: true }))).toEqual([]);
    expect(pageNotes(page({ http_status: 399 }))).toEqual([]);
  });

  it('that is an error, slow, or offers an answer says what to do', () => {
    expect(pageNotes(page({ http_status: 400 }))).toEqual([expect.stringContaining('an error')]);
    expect(pageNotes(page({ slow: true }))).toEqual([expect.stringContaining('10 s')]);
    expect(pageNotes(page({ offered: true }))).toEqual([expect.stringContaining('frame')]);
  });
});

it('takes an address apart so that its parts are the address again', () => {
  const parts = addressParts(ADDRESS);
  expect(parts.join('')).toBe(ADDRESS);
  expect(parts[0]).toBe('https://acme.onelogin.com/oidc/2/auth');
  expect(parts).toContain('&response_type=id_token+token');
  expect(parts).toHaveLength(7);
});
