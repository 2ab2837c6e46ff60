// The verdict on an introspection, a revocation or a sign-out: one sentence, and one more with the tally.

import type { CommandError } from '../bindings/CommandError';
import type { SessionReport } from '../bindings/SessionReport';
import { CHECK, DEED, PROBLEM, TOKEN } from '../words';
import { type Verdict, firstFailed, tally } from './verdict';

export function endingVerdict(report: SessionReport): Verdict {
  const kept = report.forgotten
    ? 'The session is forgotten here as well.'
    : report.deed === 'introspect'
      ? ''
      : 'What is kept here stays.';
  const detail = [tally(report.findings), kept].filter(Boolean).join(' ');
  const token = report.token === null ? 'The token' : `The ${lower(TOKEN[report.token])}`;
  switch (report.outcome) {
    case 'done': {
      if (report.deed === 'revoke')
        return { severity: 'good', title: `${token} is revoked`, detail };
      if (report.deed === 'sign_out') return { severity: 'good', title: 'Signed out', detail };
      return isActive(report)
        ? { severity: 'good', title: `${token} is active`, detail }
        : { severity: 'note', title: `${token} is not active`, detail };
    }
    case 'unclear':
      return { severity: 'note', title: 'Sent, and not confirmed', detail };
    case 'rejected': {
      const failed = firstFailed(report.findings);
      const title = failed
        ? `Rejected: ${CHECK[failed.check]} failed`
        : PROBLEM[report.error?.kind ?? 'rejected'];
      return { severity: 'bad', title, detail };
    }
    case 'provider_error':
    case 'network_error':
      return { severity: 'bad', title: refusal(report), detail };
  }
}

/** The verdict where nothing could be sent. */
export function endingNotBegun(error: CommandError): Verdict {
  return { severity: 'bad', title: PROBLEM[error.problem.kind], detail: 'Nothing was sent.' };
}

function refusal(report: SessionReport): string {
  const kind = report.error?.kind ?? 'oauth_error';
  switch (kind) {
    case 'oauth_error':
      return `The provider refused the ${DEED[report.deed].noun}`;
    case 'missing_metadata':
      return `The provider offers no ${DEED[report.deed].noun}`;
    default:
      return PROBLEM[kind];
  }
}

function isActive(report: SessionReport): boolean {
  const members = report.introspection;
  return (
    typeof members === 'object' &&
    members !== null &&
    !Array.isArray(members) &&
    members.active === true
  );
}

function lower(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}
