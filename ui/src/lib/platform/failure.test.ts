import { expect, it } from 'vitest';

import { problem } from '../../../fixtures/reports';
import { failure } from './failure';

it('keeps the error of a command', () => {
  const error = { problem: problem('dns'), field: null };
  expect(failure(error)).toBe(error);
});

it.each([['command x not found'], [new Error('command x not found')]])(
  'makes a problem of anything else',
  (thrown) => {
    const made = failure(thrown);
    expect(made.problem.kind).toBe('configuration');
    expect(made.problem.description).toBe('command x not found');
  },
);
