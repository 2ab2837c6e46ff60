import { expect, it } from 'vitest';

import { problem } from '../../../fixtures/reports';
import { deferred } from '../platform/fake';
import { Resource } from './resource.svelte';

it('keeps the newest answer, whichever comes last', async () => {
  const resource = new Resource<string>();
  const slow = deferred<string>();
  const first = resource.load(() => slow.promise);
  await resource.load(() => Promise.resolve('new'));
  slow.resolve('stale');
  expect(await first).toBe(false);
  expect(resource.value).toBe('new');
  expect(resource.busy).toBe(false);
});

it('keeps the last value beside a failure', async () => {
  const resource = new Resource<string>();
  await resource.load(() => Promise.resolve('value'));
  const error = { problem: problem('dns'), field: null };
  await resource.load(() => Promise.reject(error));
  expect(resource.value).toBe('value');
  expect(resource.failure).toEqual(error);
});

it('drops an answer on its way', async () => {
  const resource = new Resource<string>();
  const slow = deferred<string>();
  const loading = resource.load(() => slow.promise);
  resource.drop();
  slow.resolve('late');
  await loading;
  expect(resource.value).toBeNull();
  expect(resource.busy).toBe(false);
});
