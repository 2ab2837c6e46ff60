//! Makes a report of findings and a problem, for commands that follow fewer steps than a sign-in does.

use latchkey_client::clock;
use latchkey_client::recorder::Recorder;
use latchkey_client::report::{Kept, Outcome, SignInReport, TokenSummaries};
use latchkey_client::sign_in::outcome_of;
pub(super) use latchkey_client::sign_in::rejection;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::{Finding, Problem};

/// A report without claims and tokens. Whatever was sent or learned is taken out of its texts.
pub(super) fn report(
    recorder: &Recorder,
    mut findings: Vec<Finding>,
    error: Option<Problem>,
) -> SignInReport {
    let rejected = any_failed(&findings);
    recorder.redact_findings(&mut findings);
    let error = match error {
        Some(problem) => Some(recorder.redacted_problem(problem)),
        // Quotes the findings, which are clean by now.
        None if rejected => Some(rejection(&findings)),
        None => None,
    };
    let outcome = match &error {
        _ if rejected => Outcome::Rejected,
        Some(problem) => outcome_of(problem),
        None => Outcome::SignedIn,
    };
    SignInReport {
        outcome,
        findings,
        id_token: None,
        userinfo: None,
        tokens: TokenSummaries::default(),
        error,
        exchanges: recorder.summaries_since(0),
        notes: Vec::new(),
        steps: Vec::new(),
        who: None,
        started_at_ms: clock::now_ms(),
        refresh_token_kept: Kept::None,
    }
}

/// Whether every check that was due passed.
pub(super) fn accepted(report: &SignInReport) -> bool {
    report.outcome == Outcome::SignedIn
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_oidc::{Check, Secret, Status};

    #[test]
    fn h26_the_problem_of_a_failed_check_quotes_no_secret_and_keeps_our_words() {
        let recorder = Recorder::new();
        for secret in ["hunter2hunter2", "expected"] {
            recorder.learn("password", &Secret::from(secret));
        }
        let echoed = "hunter2hunter2".to_owned();
        let finding = Finding::new(Check::IdTokenNonce, Status::Failed, "the nonce", echoed, "OIDC Core");
        let problem = report(&recorder, vec![finding], None).error.unwrap();
        assert_eq!(problem.explanation, "Nonce: expected the nonce, received [password].");
    }
}
