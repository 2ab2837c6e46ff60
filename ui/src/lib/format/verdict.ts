// The verdict on a run: one sentence, and one more with the tally.

import type { CommandError } from '../bindings/CommandError';
import type { Finding } from '../bindings/Finding';
import type { SignInReport } from '../bindings/SignInReport';
import { CHECK, KEPT, PROBLEM, type Severity } from '../words';
import { counted } from './count';

export type Way = 'password' | 'browser' | 'refresh';

export interface Verdict {
  severity: Severity;
  title: string;
  detail: string;
}

/** The way behind a report of an earlier time, as far as its steps tell: only a browser run asks for authorization. */
export function wayOf(report: SignInReport): Way {
  return report.steps.some((step) => step.name === 'authorization') ? 'browser' : 'password';
}

/** Whether the tokens came from the authorization endpoint, which has no refresh tokens. */
function isImplicit(report: SignInReport): boolean {
  const token = report.steps.find((step) => step.name === 'token');
  return wayOf(report) === 'browser' && token?.state === 'skipped';
}

/** The first check that failed. */
export function firstFailed(findings: readonly Finding[]): Finding | null {
  return findings.find((finding) => finding.status === 'failed') ?? null;
}

/** `14 of 14 checks passed`, of those that were due; empty where none was. */
export function tally(findings: readonly Finding[]): string {
  const passed = findings.filter((finding) => finding.status === 'passed').length;
  const due = passed + findings.filter((finding) => finding.status === 'failed').length;
  return due === 0 ? '' : `${passed} of ${counted(due, 'check')} passed.`;
}

/** The verdict on a run that came to an end. */
export function verdict(report: SignInReport, way: Way): Verdict {
  const checks = tally(report.findings);
  const join = (...parts: string[]) => parts.filter(Boolean).join(' ');
  switch (report.outcome) {
    case 'signed_in': {
      const who =
        report.who === null ? '' : way === 'refresh' ? ` for ${report.who}` : ` as ${report.who}`;
      const title = way === 'refresh' ? `Refreshed${who}` : `Signed in${who}`;
      const kept = isImplicit(report) ? '' : KEPT[report.refresh_token_kept];
      return { severity: 'good', title, detail: join(checks, kept) };
    }
    case 'rejected': {
      const failed = firstFailed(report.findings);
      // An issuer that differs or a host that nobody confirmed stops it before any check could fail.
      if (!failed && report.error) {
        return {
          severity: 'bad',
          title: PROBLEM[report.error.kind],
          detail: 'No secret was sent.',
        };
      }
      return {
        severity: 'bad',
        title: failed ? `Rejected: ${CHECK[failed.check]} failed` : 'Rejected: a check failed',
        detail: join(
          checks,
          'Nothing was sent after the failed one. The tokens are shown as untrusted.',
        ),
      };
    }
    case 'provider_error':
    case 'network_error':
      return {
        severity: report.error?.kind === 'cancelled' ? 'quiet' : 'bad',
        title: refusal(report, way),
        // A refresh can bring a new refresh token and still end badly: that one is kept.
        detail: join(
          report.refresh_token_kept === 'none'
            ? 'Nothing was stored.'
            : KEPT[report.refresh_token_kept],
          checks && `Before it, ${checks}`,
        ),
      };
  }
}

function refusal(report: SignInReport, way: Way): string {
  const error = report.error;
  if (error === null) return way === 'refresh' ? 'The refresh failed' : 'The sign-in failed';
  if (error.kind === 'oauth_error') {
    return way === 'refresh'
      ? 'The provider refused the refresh'
      : 'The provider refused the sign-in';
  }
  return PROBLEM[error.kind];
}

/** The verdict on a run that could not begin. */
export function notBegun(error: CommandError): Verdict {
  return { severity: 'bad', title: PROBLEM[error.problem.kind], detail: 'Nothing was sent.' };
}
