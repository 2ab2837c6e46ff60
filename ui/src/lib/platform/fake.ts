// A window that is not there: for tests and for looking at pictures. Never part of the built page.

import type { Platform } from './types';

/** Every method rejects until it is given; `calls` says what was asked for, in order. */
export interface FakePlatform extends Platform {
  calls: { method: keyof Platform; args: unknown[] }[];
  /** The calls of one method. */
  of(method: keyof Platform): unknown[][];
}

const METHODS: (keyof Platform)[] = [
  'windowReady',
  'appState',
  'discover',
  'connectionSave',
  'clientSecretKeep',
  'connectionRemove',
  'connectionFix',
  'demoStart',
  'signInPassword',
  'signInRefresh',
  'signInBrowser',
  'browserOpen',
  'browserTake',
  'browserFront',
  'browserSessionForget',
  'cancel',
  'passwordCurl',
  'report',
  'session',
  'tokenReveal',
  'tokenCopy',
  'sessionForget',
  'sessionIntrospect',
  'sessionRevoke',
  'sessionSignOut',
  'claims',
  'provider',
  'traffic',
  'exchangeCurl',
  'trafficClear',
  'settingsSave',
  'chooseCaFile',
  'copyText',
  'openFolder',
];

export function fake(given: Partial<Platform>): FakePlatform {
  const calls: FakePlatform['calls'] = [];
  const made: Record<string, unknown> = {
    calls,
    firstState: given.firstState ?? (() => null),
    of: (method: keyof Platform) =>
      calls.filter((call) => call.method === method).map((call) => call.args),
  };
  for (const method of METHODS) {
    made[method] = (...args: unknown[]) => {
      calls.push({ method, args });
      const answer = given[method] as ((...args: unknown[]) => Promise<unknown>) | undefined;
      return answer ? answer(...args) : Promise.reject(new Error(`the fake has no ${method}`));
    };
  }
  return made as unknown as FakePlatform;
}

/** A promise that is settled from outside. */
export function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
