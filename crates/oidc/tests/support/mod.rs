//! Keys, tokens and answers for the protocol tests. Everything is generated and signed here, so that each
//! negative test can start from a token that passes entirely and change one thing.

#![allow(dead_code, unused_imports)] // Each test file uses its own part.
#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

pub(crate) mod keys;

use latchkey_oidc::http::HttpAnswer;
use latchkey_oidc::id_token::{self, Expectations, Previous, Verification, half_hash};
use latchkey_oidc::jwk::{self, KeySet};
use latchkey_oidc::{Check, Finding, Secret, Status, base64url};
use serde_json::{Map, Value, json};

pub(crate) use keys::{SECRET, jwk, other_jwk, sign, sign_other};

pub(crate) const ISSUER: &str = "https://acme.onelogin.com/oidc/2";
pub(crate) const CLIENT: &str = "acme-payroll";
pub(crate) const SUBJECT: &str = "32916209";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";
pub(crate) const ACR: &str = "onelogin:nist:level:1:re-auth";
pub(crate) const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
pub(crate) const REFRESH_TOKEN: &str = "8xLOxBtZp8-refresh";
pub(crate) const CODE: &str = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
/// 14 November 2023.
pub(crate) const NOW: i64 = 1_700_000_000;

/// One verification: a token, the keys, and what is expected of it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) alg: &'static str,
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) keys: Option<Vec<Value>>,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) algorithms: Option<Vec<String>>,
    pub(crate) nonce: Option<&'static str>,
    pub(crate) access_token: Option<Secret>,
    pub(crate) at_hash_required: bool,
    pub(crate) acr_values: Vec<String>,
    pub(crate) max_age: Option<i64>,
    pub(crate) previous: Option<Previous<'static>>,
    pub(crate) now: i64,
}

impl Case {
    /// A token that passes every check, none of them left out, signed with this algorithm.
    pub(crate) fn signed(alg: &'static str) -> Self {
        let hash = |value: &str| half_hash(alg, &Secret::from(value)).unwrap();
        let keys = ["RS256", "ES256", "ES384", "EdDSA"].map(jwk).to_vec();
        let mut header = object(json!({ "alg": alg, "typ": "JWT" }));
        if !alg.starts_with("HS") {
            header.insert("kid".into(), jwk(alg)["kid"].clone());
        }
        Self {
            alg,
            header,
            claims: object(json!({
                "iss": ISSUER, "aud": CLIENT, "azp": CLIENT, "sub": SUBJECT,
                "exp": NOW + 7_200, "iat": NOW, "nbf": NOW, "auth_time": NOW - 30,
                "nonce": NONCE, "acr": ACR,
                "at_hash": hash(ACCESS_TOKEN), "rt_hash": hash(REFRESH_TOKEN), "c_hash": hash(CODE),
            })),
            keys: Some(keys),
            client_secret: Some(Secret::from(SECRET)),
            algorithms: Some([alg, "RS256"].map(str::to_owned).to_vec()),
            nonce: Some(NONCE),
            access_token: Some(Secret::from(ACCESS_TOKEN)),
            at_hash_required: true,
            acr_values: vec![ACR.to_owned()],
            max_age: Some(300),
            previous: Some(Previous { subject: Some(SUBJECT) }),
            now: NOW,
        }
    }

    pub(crate) fn rs256() -> Self {
        Self::signed("RS256")
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn no_claim(mut self, name: &str) -> Self {
        self.claims.shift_remove(name).unwrap();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn no_header(mut self, name: &str) -> Self {
        self.header.shift_remove(name).unwrap();
        self
    }

    pub(crate) fn keys(mut self, keys: impl IntoIterator<Item = Value>) -> Self {
        self.keys = Some(keys.into_iter().collect());
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// What is signed.
    pub(crate) fn signing_input(&self) -> String {
        signing_input(&Value::from(self.header.clone()).to_string(), &self.claims_text())
    }

    pub(crate) fn claims_text(&self) -> String {
        Value::from(self.claims.clone()).to_string()
    }

    pub(crate) fn header_text(&self) -> String {
        Value::from(self.header.clone()).to_string()
    }

    pub(crate) fn token(&self) -> String {
        compact(self.alg, &self.header_text(), &self.claims_text())
    }

    pub(crate) fn verify(&self) -> Verification {
        self.verify_text(&self.token())
    }

    /// Verifies another token in place of this one.
    pub(crate) fn verify_text(&self, token: &str) -> Verification {
        let (refresh, code) = (Secret::from(REFRESH_TOKEN), Secret::from(CODE));
        let expect = Expectations {
            issuer: ISSUER,
            client_id: CLIENT,
            client_secret: self.client_secret.as_ref(),
            algorithms: self.algorithms.as_deref(),
            nonce: self.nonce,
            access_token: self.access_token.as_ref(),
            at_hash_required: self.at_hash_required,
            refresh_token: Some(&refresh),
            code: Some(&code),
            acr_values: &self.acr_values,
            max_age: self.max_age,
            previous: self.previous,
            now: self.now,
        };
        let keys = self.keys.as_deref().map(key_set);
        id_token::verify(&Secret::from(token), keys.as_ref(), &expect)
    }

    /// Nothing failed and nothing warned.
    #[track_caller]
    pub(crate) fn passes(&self) -> Verification {
        let verification = self.verify();
        assert_eq!(with_status(&verification.findings, Status::Failed), [], "{:#?}", verification.findings);
        assert_eq!(with_status(&verification.findings, Status::Warning), [], "{:#?}", verification.findings);
        verification
    }

    /// Exactly this check warned, and none failed.
    #[track_caller]
    pub(crate) fn warns(&self, check: Check) -> Finding {
        let verification = self.verify();
        assert_eq!(with_status(&verification.findings, Status::Failed), [], "{:#?}", verification.findings);
        assert_eq!(with_status(&verification.findings, Status::Warning), [check]);
        find(&verification.findings, check, Status::Warning)
    }

    /// Exactly this check failed.
    #[track_caller]
    pub(crate) fn fails(&self, check: Check) -> Finding {
        self.fails_with_text(&self.token(), check)
    }

    /// Exactly this check failed for another token in place of this one.
    #[track_caller]
    pub(crate) fn fails_with_text(&self, token: &str, check: Check) -> Finding {
        let findings = self.verify_text(token).findings;
        assert_eq!(with_status(&findings, Status::Failed), [check], "{findings:#?}");
        find(&findings, check, Status::Failed)
    }
}

/// The checks that ended so, in order.
pub(crate) fn with_status(findings: &[Finding], status: Status) -> Vec<Check> {
    findings.iter().filter(|finding| finding.status == status).map(|finding| finding.check).collect()
}

#[track_caller]
pub(crate) fn find(findings: &[Finding], check: Check, status: Status) -> Finding {
    findings
        .iter()
        .find(|finding| finding.check == check && finding.status == status)
        .unwrap_or_else(|| panic!("no {check:?} that {status:?} in {findings:#?}"))
        .clone()
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn signing_input(header: &str, payload: &str) -> String {
    format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}

/// A token of these exact texts, properly signed, whatever they are.
pub(crate) fn compact(alg: &str, header: &str, payload: &str) -> String {
    let input = signing_input(header, payload);
    let signature = base64url::encode(&sign(alg, input.as_bytes()));
    format!("{input}.{signature}")
}

pub(crate) fn key_set(keys: &[Value]) -> KeySet {
    key_set_and_findings(keys).0
}

pub(crate) fn key_set_and_findings(keys: &[Value]) -> (KeySet, Vec<Finding>) {
    jwk::parse(&json_answer(200, &json!({ "keys": keys }).to_string())).unwrap()
}

pub(crate) fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> HttpAnswer {
    let headers = if content_type.is_empty() {
        Vec::new()
    } else {
        vec![("content-type".to_owned(), content_type.to_owned())]
    };
    HttpAnswer { status, headers, body: body.into(), received_at: NOW }
}

pub(crate) fn json_answer(status: u16, body: &str) -> HttpAnswer {
    answer(status, "application/json", body)
}
