// Whatever a command was rejected with, as the one error type that the screens know.

import type { CommandError } from '../bindings/CommandError';
import { visible } from '../format/visible';

function isCommandError(error: unknown): error is CommandError {
  if (typeof error !== 'object' || error === null || !('problem' in error)) return false;
  const problem: unknown = error.problem;
  return typeof problem === 'object' && problem !== null && 'kind' in problem;
}

/** A command's own error as it is; anything else (a command that is missing, a panic) as a problem. */
export function failure(error: unknown): CommandError {
  if (isCommandError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return {
    field: null,
    problem: {
      kind: 'configuration',
      code: null,
      description: visible(text),
      http_status: null,
      endpoint: null,
      explanation: 'Latchkey could not do this, for a reason of its own.',
      remedy: 'Try again. If it happens again, close Latchkey and open it again.',
      fix: null,
    },
  };
}
