//! What a sign-in finds beside the tokens: whether provider and connection fit, the clocks, what the claims lack.

use latchkey_oidc::catalogue::Grant;
use latchkey_oidc::http::HttpAnswer;
use latchkey_oidc::id_token::Verification;
use latchkey_oidc::issuer::Generation;
use latchkey_oidc::{Check, Finding, Status, claims};

use super::Credentials;
use super::course::Course;
use crate::provider::{Keys, Provider};
use crate::report::Note;

impl Course<'_, '_> {
    /// Whether the provider says that it can do what the connection wants. It may be wrong: a warning.
    pub(super) fn fit(&self, provider: &Provider) -> Vec<Finding> {
        let mut findings = Vec::new();
        let grant = self.grant();
        let name = latchkey_oidc::metadata::grant_type(grant);
        let offered = provider.metadata.grant_types_supported.as_ref();
        findings.push(match provider.metadata.offers_grant(grant) {
            Some(true) => {
                Finding::new(Check::MetadataGrant, Status::Passed, name, "offered", "OIDC Discovery §3")
            }
            Some(false) => Finding::new(
                Check::MetadataGrant,
                Status::Warning,
                name,
                latchkey_oidc::jws::shown_text(&offered.map(|all| all.join(", ")).unwrap_or_default()),
                "OIDC Discovery §3",
            )
            .with_remedy("The provider does not offer this grant, and will most likely refuse it."),
            None => Finding::new(Check::MetadataGrant, Status::NotDue, name, "not said", "OIDC Discovery §3"),
        });
        if grant == Grant::Implicit {
            // No token request: nobody has to prove who the client is.
            return findings;
        }
        let method = self.request.client.method();
        let methods = provider.metadata.token_endpoint_auth_methods_supported.as_ref();
        findings.push(match methods {
            None => Finding::new(
                Check::MetadataAuthMethod,
                Status::NotDue,
                method.registered_name(),
                "not said",
                "OIDC Discovery §3",
            ),
            Some(all) if all.iter().any(|name| name == method.registered_name()) => Finding::new(
                Check::MetadataAuthMethod,
                Status::Passed,
                method.registered_name(),
                "offered",
                "OIDC Discovery §3",
            ),
            Some(all) => Finding::new(
                Check::MetadataAuthMethod,
                Status::Warning,
                method.registered_name(),
                latchkey_oidc::jws::shown_text(&all.join(", ")),
                "OIDC Discovery §3",
            )
            .with_remedy(
                "The provider does not offer this client authentication, and will most likely refuse it.",
            ),
        });
        findings
    }

    pub(super) fn no_id_token(&self, provider: &Provider) -> Finding {
        let reference = "OIDC Core §3.1.3.3, §12.2";
        match &self.request.credentials {
            Credentials::Refresh { .. } => {
                Finding::new(Check::IdToken, Status::NotDue, "optional in a refresh", "none", reference)
            }
            _ if !self.asked().iter().any(|scope| scope == "openid") => {
                Finding::new(Check::IdToken, Status::NotDue, "due with the scope openid", "none", reference)
            }
            Credentials::Browser { .. } => Finding::new(
                Check::IdToken,
                Status::Failed,
                "an ID token, since openid was asked for",
                "none",
                reference,
            )
            .with_remedy("Without an ID token nobody has signed in. Tell whoever runs the provider."),
            Credentials::Password { .. } => {
                let remedy = if provider.generation() == Generation::OneloginV1 {
                    "OneLogin's first generation documents no ID token for this grant: nothing could be verified."
                } else {
                    "Nothing could be verified. The password grant is outside OpenID Connect, and this provider sends no ID token with it."
                };
                Finding::new(
                    Check::IdToken,
                    Status::Warning,
                    "an ID token, since openid was asked for",
                    "none",
                    reference,
                )
                .with_remedy(remedy)
            }
        }
    }

    /// What the claims say about the settings: hints, never a reason to stop.
    pub(super) fn judge_claims(&mut self, provider: &Provider) {
        let gathered = &self.gathered;
        let id_token = gathered.verification.as_ref().and_then(|verified| verified.claims.as_ref());
        let userinfo = gathered.userinfo.as_ref();
        if id_token.is_none() && userinfo.is_none() {
            return;
        }
        let onelogin = provider.generation().is_onelogin();
        let findings = claims::findings(id_token, userinfo, self.asked(), onelogin);
        let scopes = claims::scope_notes(id_token, userinfo, self.asked(), onelogin);
        self.gathered.findings.extend(findings);
        for scope in scopes {
            if let Some(remedy) = scope.note {
                let title = if scope.scope == "groups" {
                    "No groups came back, though you asked for them.".to_owned()
                } else {
                    format!("Nothing came back for the scope {}.", latchkey_oidc::text::visible(&scope.scope))
                };
                self.gathered.notes.push(Note { title, remedy });
            }
        }
    }
}

/// The measured difference of the clocks: `Date` of the token answer against this computer.
pub(super) fn clock_finding(answer: &HttpAnswer) -> Finding {
    const REFERENCE: &str = "RFC 9110 §6.6.1";
    let expected = "within 60 s of the provider's";
    let Some(date) = answer.header("date").and_then(latchkey_oidc::timestamp::http_date) else {
        return Finding::new(
            Check::ClockSkew,
            Status::NotDue,
            expected,
            "the provider sent no Date",
            REFERENCE,
        );
    };
    let skew = date.saturating_sub(answer.received_at);
    let received = match skew {
        -1..=1 => "same".to_owned(),
        ahead if ahead > 0 => format!("the provider is {} ahead", latchkey_oidc::timestamp::span(ahead)),
        behind => format!("the provider is {} behind", latchkey_oidc::timestamp::span(behind)),
    };
    if skew.abs() <= latchkey_oidc::timestamp::LEEWAY {
        Finding::new(Check::ClockSkew, Status::Passed, expected, received, REFERENCE)
    } else {
        Finding::new(Check::ClockSkew, Status::Warning, expected, received, REFERENCE).with_remedy(
            "Let this computer set its clock by the network's time; tokens fail their time checks otherwise.",
        )
    }
}

/// Whether the key that a token names is not among those that could be had. A client secret is always at hand.
pub(super) fn key_is_missing(verification: &Verification, keys: Option<&Keys>) -> bool {
    let member = |name: &str| verification.header.as_ref()?.get(name)?.as_str();
    let symmetric = member("alg").is_some_and(|alg| alg.starts_with("HS"));
    let known = keys.is_some_and(|keys| {
        member("kid").is_none_or(|kid| keys.set.rows().any(|row| row.kid.as_deref() == Some(kid)))
    });
    !symmetric && !known
}
