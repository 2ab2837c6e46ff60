//! The rules for the claims of an ID token, one function each.

use serde_json::Value;

use super::{Expectations, MAX_AGE, Previous, half_hash};
use crate::jws::{shown, shown_text};
use crate::named::Claims;
use crate::secret::Secret;
use crate::timestamp::{LEEWAY, numeric_date, relative, utc};
use crate::{Check, Finding, Status};

pub(super) struct Rules<'a> {
    pub(super) claims: &'a Claims<'a>,
    pub(super) expect: &'a Expectations<'a>,
}

const CORE: &str = "OIDC Core §3.1.3.7";

/// Of a refresh that nothing can be compared with.
const FIRST_UNKNOWN: &str = "as at the first sign-in, which is not known here any more";

impl Rules<'_> {
    pub(super) fn issuer(&self) -> Finding {
        let expected = shown_text(self.expect.issuer);
        match self.claims.iss {
            Some(Value::String(iss)) => match crate::issuer::difference(self.expect.issuer, iss) {
                None => Finding::new(Check::IdTokenIssuer, Status::Passed, expected, "same", CORE),
                Some(difference) => {
                    Finding::new(Check::IdTokenIssuer, Status::Failed, expected, format!("{}; {difference}", shown_text(iss)), CORE)
                        .with_remedy("The issuer must match to the character. Use the issuer that this token names, if it is the tenant you mean.")
                }
            },
            other => absent_or_odd(Check::IdTokenIssuer, expected, other, "a string", CORE),
        }
    }

    pub(super) fn audience(&self) -> Finding {
        let expected = shown_text(self.expect.client_id);
        let failed = |received: String| {
            Finding::new(Check::IdTokenAudience, Status::Failed, expected.clone(), received, CORE)
                .with_remedy(
                    "The token is for another client. Check that the client id here is the app's own.",
                )
        };
        match self.claims.aud {
            Some(Value::String(aud)) if aud == self.expect.client_id => {
                Finding::new(Check::IdTokenAudience, Status::Passed, expected, "same", CORE)
            }
            Some(Value::String(aud)) => failed(shown_text(aud)),
            Some(Value::Array(items)) => {
                if items.is_empty() || !items.iter().all(Value::is_string) {
                    return absent_or_odd(
                        Check::IdTokenAudience,
                        expected,
                        self.claims.aud,
                        "a string or an array of strings",
                        CORE,
                    );
                }
                if !items.iter().any(|aud| aud == self.expect.client_id) {
                    return failed(shown(&Value::Array(items.clone())));
                }
                let received = if items.len() == 1 {
                    "same, in an array".to_owned()
                } else {
                    shown(&Value::Array(items.clone()))
                };
                Finding::new(Check::IdTokenAudience, Status::Passed, expected, received, CORE)
            }
            other => absent_or_odd(
                Check::IdTokenAudience,
                expected,
                other,
                "a string or an array of strings",
                CORE,
            ),
        }
    }

    pub(super) fn authorized_party(&self) -> Finding {
        let several =
            matches!(self.claims.aud, Some(Value::Array(items)) if items.iter().any(|aud| aud != &items[0]));
        let expected = shown_text(self.expect.client_id);
        match self.claims.azp {
            Some(Value::String(azp)) if azp == self.expect.client_id => {
                Finding::new(Check::IdTokenAuthorizedParty, Status::Passed, expected, "same", CORE)
            }
            None if !several => Finding::new(
                Check::IdTokenAuthorizedParty,
                Status::NotDue,
                "due with other audiences",
                "none",
                CORE,
            ),
            None => Finding::new(
                Check::IdTokenAuthorizedParty,
                Status::Failed,
                expected,
                "missing, though the audience has others",
                CORE,
            )
            .with_remedy("The provider must name this client in azp when the token has further audiences."),
            Some(Value::String(azp)) => {
                Finding::new(Check::IdTokenAuthorizedParty, Status::Failed, expected, shown_text(azp), CORE)
                    .with_remedy("The token was issued to another client.")
            }
            other => absent_or_odd(Check::IdTokenAuthorizedParty, expected, other, "a string", CORE),
        }
    }

    pub(super) fn subject(&self) -> Finding {
        const REFERENCE: &str = "OIDC Core §2, §5.1";
        const EXPECTED: &str = "a user, at most 255 characters";
        match self.claims.sub {
            Some(Value::String(sub)) if sub.is_empty() => {
                Finding::new(Check::IdTokenSubject, Status::Failed, EXPECTED, "empty", REFERENCE)
                    .with_remedy("The provider must name the user. Check the user's mapping in the app.")
            }
            Some(Value::String(sub)) if sub.len() > 255 || !sub.is_ascii() => {
                Finding::new(Check::IdTokenSubject, Status::Warning, EXPECTED, shown_text(sub), REFERENCE)
                    .with_remedy("Longer than 255 ASCII characters: other clients may refuse or shorten it.")
            }
            Some(Value::String(sub)) => {
                Finding::new(Check::IdTokenSubject, Status::Passed, EXPECTED, shown_text(sub), REFERENCE)
            }
            other => absent_or_odd(Check::IdTokenSubject, EXPECTED, other, "a string", REFERENCE),
        }
    }

    pub(super) fn expires(&self) -> Finding {
        let now = self.expect.now;
        let expected = format!("after {}", utc(now));
        match self.claims.exp.map(numeric_date) {
            Some(Ok(exp)) if now < exp.saturating_add(LEEWAY) => {
                Finding::new(Check::IdTokenExpires, Status::Passed, expected, moment(exp, now), CORE)
            }
            Some(Ok(exp)) => Finding::new(Check::IdTokenExpires, Status::Failed, expected, moment(exp, now), CORE)
                .with_remedy("The token is over. Sign in again; if it was just issued, compare this computer's clock with the provider's."),
            Some(Err(fault)) => odd_time(Check::IdTokenExpires, expected, self.claims.exp, &fault),
            None => absent_or_odd(Check::IdTokenExpires, expected, None, "a time", CORE),
        }
    }

    pub(super) fn issued_at(&self) -> Finding {
        let now = self.expect.now;
        let expected = format!("at most a week ago and {LEEWAY} s ahead");
        match self.claims.iat.map(numeric_date) {
            Some(Ok(iat)) if iat > now.saturating_add(LEEWAY) => {
                Finding::new(Check::IdTokenIssuedAt, Status::Failed, expected, moment(iat, now), CORE)
                    .with_remedy("Issued in the future: this computer's clock is slow, or the provider's is fast. Set the clock by the network's time.")
            }
            Some(Ok(iat)) if iat < now.saturating_sub(MAX_AGE) => {
                Finding::new(Check::IdTokenIssuedAt, Status::Failed, expected, moment(iat, now), CORE)
                    .with_remedy("An old token, or clocks that differ. Sign in again; compare this computer's clock with the provider's.")
            }
            Some(Ok(iat)) => Finding::new(Check::IdTokenIssuedAt, Status::Passed, expected, moment(iat, now), CORE),
            Some(Err(fault)) => odd_time(Check::IdTokenIssuedAt, expected, self.claims.iat, &fault),
            None => absent_or_odd(Check::IdTokenIssuedAt, expected, None, "a time", CORE),
        }
    }

    pub(super) fn not_before(&self) -> Finding {
        const REFERENCE: &str = "RFC 7519 §4.1.5";
        let now = self.expect.now;
        let expected = format!("at most {LEEWAY} s ahead");
        match self.claims.nbf.map(numeric_date) {
            None => Finding::new(Check::IdTokenNotBefore, Status::NotDue, "optional", "none", REFERENCE),
            Some(Ok(nbf)) if nbf > now.saturating_add(LEEWAY) => {
                Finding::new(Check::IdTokenNotBefore, Status::Failed, expected, moment(nbf, now), REFERENCE)
                    .with_remedy("Not valid yet: compare this computer's clock with the provider's.")
            }
            Some(Ok(nbf)) => {
                Finding::new(Check::IdTokenNotBefore, Status::Passed, expected, moment(nbf, now), REFERENCE)
            }
            Some(Err(fault)) => odd_time(Check::IdTokenNotBefore, expected, self.claims.nbf, &fault),
        }
    }

    pub(super) fn nonce(&self) -> Finding {
        let received = self.claims.nonce;
        match (self.expect.nonce, received) {
            (None, None) => Finding::new(Check::IdTokenNonce, Status::NotDue, "none sent", "none", CORE),
            (None, Some(nonce))
                if self.expect.previous.is_some_and(|previous| previous.subject.is_none()) =>
            {
                Finding::new(
                    Check::IdTokenNonce,
                    Status::NotDue,
                    FIRST_UNKNOWN,
                    shown(nonce),
                    "OIDC Core §12.2",
                )
            }
            (None, Some(nonce)) => Finding::new(
                Check::IdTokenNonce,
                Status::Failed,
                "none, since none was sent",
                shown(nonce),
                CORE,
            )
            .with_remedy("The token answers another request: it may be replayed. Do not use it."),
            (Some(sent), Some(Value::String(nonce)))
                if Secret::from(sent) == Secret::from(nonce.as_str()) =>
            {
                Finding::new(Check::IdTokenNonce, Status::Passed, shown_text(sent), "same", CORE)
            }
            (Some(sent), Some(nonce)) => {
                Finding::new(Check::IdTokenNonce, Status::Failed, shown_text(sent), shown(nonce), CORE)
                    .with_remedy("The token answers another request: it may be replayed. Do not use it.")
            }
            // OIDC Core §12.2: a refreshed ID token should have none, or else the first one's.
            (Some(sent), None) if self.expect.previous.is_some() => Finding::new(
                Check::IdTokenNonce,
                Status::NotDue,
                format!("{}, or none after a refresh", shown_text(sent)),
                "none",
                "OIDC Core §12.2",
            ),
            (Some(sent), None) => {
                Finding::new(Check::IdTokenNonce, Status::Failed, shown_text(sent), "missing", CORE)
                    .with_remedy("The provider must return the nonce that was sent (OIDC Core §3.1.2.1).")
            }
        }
    }

    pub(super) fn hash(
        &self,
        check: Check,
        (name, received): (&str, Option<&Value>),
        alg: &str,
        value: Option<&Secret>,
        required: bool,
    ) -> Finding {
        let reference = match name {
            "at_hash" => "OIDC Core §3.1.3.6, §3.2.2.9",
            "c_hash" => "OIDC Core §3.3.2.10",
            _ => "OneLogin; made as OIDC Core §3.1.3.6",
        };
        let Some(received) = received else {
            return if required && value.is_some() {
                Finding::new(
                    check,
                    Status::Failed,
                    format!("{name} of the token beside it"),
                    "missing",
                    reference,
                )
                .with_remedy(
                    "Required when an access token comes with the ID token from the authorization endpoint.",
                )
            } else {
                Finding::new(check, Status::NotDue, "optional here", "none", reference)
            };
        };
        let Value::String(received) = received else {
            return absent_or_odd(
                check,
                format!("{name} of the token beside it"),
                Some(received),
                "a string",
                reference,
            );
        };
        let Some(value) = value else {
            return Finding::new(
                check,
                Status::NotDue,
                "nothing beside it to compare",
                shown_text(received),
                reference,
            );
        };
        let Some(expected) = half_hash(alg, value) else {
            // The algorithm's own check has failed; saying it twice would hide the cause.
            return Finding::new(
                check,
                Status::NotDue,
                "a digest that the algorithm names",
                format!("{name}, and no known algorithm"),
                reference,
            );
        };
        if expected == *received {
            Finding::new(check, Status::Passed, expected, "same", reference)
        } else {
            Finding::new(check, Status::Failed, expected, shown_text(received), reference).with_remedy(
                if name == "c_hash" {
                    "The ID token was issued for another code: one of the two was swapped. Do not use either."
                } else {
                    "The two tokens do not belong together: one was swapped. Do not use either."
                },
            )
        }
    }

    pub(super) fn acr(&self) -> Finding {
        let asked = self.expect.acr_values;
        let reference = "OIDC Core §3.1.2.1, §3.1.3.7";
        match (asked, self.claims.acr) {
            (_, Some(value)) if !value.is_string() => absent_or_odd(Check::IdTokenAcr, "a string", Some(value), "a string", reference),
            ([], received) => Finding::new(
                Check::IdTokenAcr,
                Status::NotDue,
                "not asked for",
                received.map_or_else(|| "none".to_owned(), shown),
                reference,
            ),
            (asked, Some(Value::String(acr))) if asked.contains(acr) => {
                Finding::new(Check::IdTokenAcr, Status::Passed, shown_text(&asked.join(" ")), shown_text(acr), reference)
            }
            (asked, received) => Finding::new(
                Check::IdTokenAcr,
                Status::Warning,
                shown_text(&asked.join(" ")),
                received.map_or_else(|| "missing".to_owned(), shown),
                reference,
            )
            .with_remedy("acr_values is a wish (OIDC Core §3.1.2.1). An application that depends on it must check acr itself."),
        }
    }

    pub(super) fn auth_time(&self) -> Finding {
        let now = self.expect.now;
        match (self.expect.max_age, self.claims.auth_time.map(numeric_date)) {
            (max_age, Some(Err(fault))) => odd_time(
                Check::IdTokenAuthTime,
                max_age.map_or_else(|| "optional".to_owned(), |age| format!("at most {age} s ago")),
                self.claims.auth_time,
                &fault,
            ),
            (None, received) => Finding::new(
                Check::IdTokenAuthTime,
                Status::NotDue,
                "not asked for",
                received.and_then(Result::ok).map_or_else(|| "none".to_owned(), |time| moment(time, now)),
                CORE,
            ),
            (Some(age), Some(Ok(time)))
                if now.saturating_sub(time) <= age.saturating_add(LEEWAY)
                    && time <= now.saturating_add(LEEWAY) =>
            {
                Finding::new(
                    Check::IdTokenAuthTime,
                    Status::Passed,
                    format!("at most {age} s ago"),
                    moment(time, now),
                    CORE,
                )
            }
            (Some(age), received) => Finding::new(
                Check::IdTokenAuthTime,
                Status::Failed,
                format!("at most {age} s ago"),
                received.and_then(Result::ok).map_or_else(|| "missing".to_owned(), |time| moment(time, now)),
                CORE,
            )
            .with_remedy(
                "With max_age the provider must sign the user in again and say when (OIDC Core §3.1.2.1).",
            ),
        }
    }

    pub(super) fn unchanged(&self, previous: Previous<'_>) -> Finding {
        const REFERENCE: &str = "OIDC Core §12.2";
        let Some(subject) = previous.subject else {
            let received = self.claims.sub.map_or_else(|| "missing".to_owned(), shown);
            return Finding::new(Check::IdTokenUnchanged, Status::NotDue, FIRST_UNKNOWN, received, REFERENCE);
        };
        let expected = format!("sub {}", shown_text(subject));
        match self.claims.sub {
            Some(Value::String(sub)) if sub == subject => {
                Finding::new(Check::IdTokenUnchanged, Status::Passed, expected, "same", REFERENCE)
            }
            other => Finding::new(
                Check::IdTokenUnchanged,
                Status::Failed,
                expected,
                other.map_or_else(|| "missing".to_owned(), shown),
                REFERENCE,
            )
            .with_remedy(
                "A refresh must stay with the user who signed in. Forget this session and sign in again.",
            ),
        }
    }
}

fn odd_time(
    check: Check,
    expected: String,
    received: Option<&Value>,
    fault: &crate::timestamp::TimeFault,
) -> Finding {
    let received = received.map(shown).unwrap_or_default();
    Finding::new(check, Status::Failed, expected, format!("{received}: {fault}"), "RFC 7519 §2")
        .with_remedy("The provider must send seconds since 1970 as a number.")
}

fn moment(seconds: i64, now: i64) -> String {
    let mut text = utc(seconds);
    text.push_str(" (");
    text.push_str(&relative(seconds, now));
    text.push(')');
    text
}

fn absent_or_odd(
    check: Check,
    expected: impl Into<std::borrow::Cow<'static, str>>,
    received: Option<&Value>,
    shape: &str,
    reference: &'static str,
) -> Finding {
    let received = match received {
        None => "missing".to_owned(),
        Some(value) => format!("{} ({}), not {shape}", shown(value), crate::json::kind(value)),
    };
    Finding::new(check, Status::Failed, expected, received, reference)
        .with_remedy("Required in every ID token (OIDC Core §2). Tell whoever runs the provider.")
}
