//! The provider's metadata (OIDC Discovery §3): parsed strictly, unknown members kept for display.

use serde_json::{Map, Value};
use url::Url;

use crate::answer::{self, json_object};
use crate::catalogue::{Context, Grant};
use crate::client_auth::AuthMethod;
use crate::http::{Endpoint, HttpAnswer, HttpRequest};
use crate::issuer::{EndpointPlace, Generation, Issuer, authority, difference};
use crate::problem::{Fix, Problem, ProblemKind};
use crate::{Check, Finding, Status, text};

/// What a provider says of itself, checked.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Members are the specification's.
pub struct ProviderMetadata {
    pub issuer: String,
    pub authorization_endpoint: Option<Url>,
    pub token_endpoint: Option<Url>,
    pub userinfo_endpoint: Option<Url>,
    pub jwks_uri: Option<Url>,
    pub introspection_endpoint: Option<Url>,
    pub revocation_endpoint: Option<Url>,
    pub end_session_endpoint: Option<Url>,
    pub scopes_supported: Option<Vec<String>>,
    pub grant_types_supported: Option<Vec<String>>,
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub response_types_supported: Option<Vec<String>>,
    pub response_modes_supported: Option<Vec<String>>,
    pub id_token_signing_alg_values_supported: Option<Vec<String>>,
    pub claims_supported: Option<Vec<String>>,
    pub acr_values_supported: Option<Vec<String>>,
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// The document as it came, in its order.
    pub raw: Map<String, Value>,
    generation: Generation,
}

/// The request for the metadata.
#[must_use]
pub fn request(issuer: &Issuer) -> HttpRequest {
    HttpRequest::get(Endpoint::Discovery, issuer.discovery_url())
}

/// Parses and checks the answer to [`request`].
///
/// A finding with status failed means that nothing may be sent to this provider.
///
/// # Errors
/// What is no metadata at all: another status or type, no JSON object, members of the wrong shape, or
/// [`ProblemKind::IssuerMismatch`].
pub fn parse(answer: &HttpAnswer, issuer: &Issuer) -> Result<(ProviderMetadata, Vec<Finding>), Problem> {
    if answer.status != 200 {
        return Err(no_metadata(answer, issuer));
    }
    let raw = json_object(answer, Endpoint::Discovery)?;
    let received = match raw.get("issuer") {
        Some(Value::String(received)) => received.clone(),
        other => return Err(wrong_shape("issuer", "a string", other)),
    };
    if let Some(difference) = difference(issuer.as_str(), &received) {
        return Err(issuer_mismatch(issuer, &received, &difference));
    }
    let endpoint = |name: &str| match raw.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => {
            Url::parse(text).map(Some).map_err(|_| wrong_shape(name, "an absolute URL", raw.get(name)))
        }
        other => Err(wrong_shape(name, "an absolute URL", other)),
    };
    let list = |name: &str| match raw.get(name) {
        None => Ok(None),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<String>>>()
            .map(Some)
            .ok_or_else(|| wrong_shape(name, "an array of strings", raw.get(name))),
        other => Err(wrong_shape(name, "an array of strings", other)),
    };
    let mut metadata = ProviderMetadata {
        issuer: received,
        authorization_endpoint: endpoint("authorization_endpoint")?,
        token_endpoint: endpoint("token_endpoint")?,
        userinfo_endpoint: endpoint("userinfo_endpoint")?,
        jwks_uri: endpoint("jwks_uri")?,
        introspection_endpoint: endpoint("introspection_endpoint")?,
        revocation_endpoint: endpoint("revocation_endpoint")?,
        end_session_endpoint: endpoint("end_session_endpoint")?,
        scopes_supported: list("scopes_supported")?,
        grant_types_supported: list("grant_types_supported")?,
        token_endpoint_auth_methods_supported: list("token_endpoint_auth_methods_supported")?,
        response_types_supported: list("response_types_supported")?,
        response_modes_supported: list("response_modes_supported")?,
        id_token_signing_alg_values_supported: list("id_token_signing_alg_values_supported")?,
        claims_supported: list("claims_supported")?,
        acr_values_supported: list("acr_values_supported")?,
        code_challenge_methods_supported: list("code_challenge_methods_supported")?,
        raw,
        generation: Generation::Other,
    };
    metadata.generation = generation(&metadata.issuer, metadata.acr_values_supported.as_deref());
    let findings = metadata.findings(issuer);
    Ok((metadata, findings))
}

impl ProviderMetadata {
    /// Every endpoint that the document names, with its member name.
    pub fn endpoints(&self) -> impl Iterator<Item = (&'static str, &Url)> {
        [
            ("authorization_endpoint", &self.authorization_endpoint),
            ("token_endpoint", &self.token_endpoint),
            ("userinfo_endpoint", &self.userinfo_endpoint),
            ("jwks_uri", &self.jwks_uri),
            ("introspection_endpoint", &self.introspection_endpoint),
            ("revocation_endpoint", &self.revocation_endpoint),
            ("end_session_endpoint", &self.end_session_endpoint),
        ]
        .into_iter()
        .filter_map(|(name, url)| url.as_ref().map(|url| (name, url)))
    }

    /// Whose rules the provider follows, by its issuer and its metadata.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether a grant may be tried; `None` where the document does not say.
    #[must_use]
    pub fn offers_grant(&self, grant: Grant) -> Option<bool> {
        self.grant_types_supported.as_ref().map(|grants| grants.iter().any(|name| name == grant_type(grant)))
    }

    /// The client authentications that are offered and known here. Basic where the document does not
    /// say (OIDC Discovery §3).
    #[must_use]
    pub fn auth_methods(&self) -> Vec<AuthMethod> {
        match &self.token_endpoint_auth_methods_supported {
            None => vec![AuthMethod::Basic],
            Some(names) => [AuthMethod::Basic, AuthMethod::Post, AuthMethod::None]
                .into_iter()
                .filter(|method| names.iter().any(|name| name == method.registered_name()))
                .collect(),
        }
    }

    /// An endpoint that secrets may go to.
    ///
    /// # Errors
    /// [`ProblemKind::MissingMetadata`], or [`ProblemKind::UnconfirmedHost`] where it is on a host that is neither
    /// the issuer's nor among `confirmed` (`host` or `host:port`).
    pub fn endpoint_for_secrets(
        &self,
        issuer: &Issuer,
        endpoint: Endpoint,
        confirmed: &[String],
    ) -> Result<Url, Problem> {
        let (name, url) = match endpoint {
            Endpoint::Token => ("token_endpoint", &self.token_endpoint),
            Endpoint::Userinfo => ("userinfo_endpoint", &self.userinfo_endpoint),
            Endpoint::Introspection => ("introspection_endpoint", &self.introspection_endpoint),
            Endpoint::Revocation => ("revocation_endpoint", &self.revocation_endpoint),
            Endpoint::EndSession => ("end_session_endpoint", &self.end_session_endpoint),
            Endpoint::Authorization => ("authorization_endpoint", &self.authorization_endpoint),
            Endpoint::Jwks | Endpoint::Discovery => ("jwks_uri", &self.jwks_uri),
        };
        let Some(url) = url else { return Err(missing(name, endpoint)) };
        match issuer.check_endpoint(url) {
            Ok(EndpointPlace::Same) => Ok(url.clone()),
            Ok(EndpointPlace::OtherHost) => {
                let host = authority(url);
                if confirmed.iter().any(|confirmed| confirmed.eq_ignore_ascii_case(&host)) {
                    Ok(url.clone())
                } else {
                    Err(Problem::new(
                        ProblemKind::UnconfirmedHost,
                        format!(
                            "The {} endpoint is at {host}, not at the issuer's host {}. Nothing was sent there.",
                            endpoint.label(),
                            authority(issuer.url())
                        ),
                        format!("If {host} belongs to your provider, confirm it for this connection; otherwise check the issuer."),
                    )
                    .at(endpoint)
                    .with_fix(Fix::ConfirmHost { host }))
                }
            }
            Err(reason) => Err(unsafe_endpoint(name, url, reason).at(endpoint)),
        }
    }

    fn findings(&self, issuer: &Issuer) -> Vec<Finding> {
        let mut findings = vec![Finding::new(
            Check::MetadataIssuer,
            Status::Passed,
            text::visible(issuer.as_str()),
            "same",
            "OIDC Discovery §4.3",
        )];
        if issuer.is_retired() {
            findings.push(
                Finding::new(
                    Check::IssuerRetired,
                    Status::Warning,
                    "https://SUBDOMAIN.onelogin.com/oidc/2",
                    "OneLogin's first generation, removed from service on 20 April 2021",
                    "OneLogin OpenID Connect v2",
                )
                .with_remedy("Move the app's configuration to https://SUBDOMAIN.onelogin.com/oidc/2."),
            );
        }
        findings.push(self.endpoint_finding(issuer));
        findings.push(self.required_finding());
        if let Some(algorithms) = &self.id_token_signing_alg_values_supported {
            let (status, remedy) = if algorithms.iter().any(|alg| alg == "none") {
                (Status::Warning, Some("Unsigned ID tokens are offered. This client refuses them."))
            } else if algorithms.iter().any(|alg| alg == "RS256") {
                (Status::Passed, None)
            } else {
                (Status::Warning, Some("RS256 must be offered by every provider."))
            };
            let mut finding = Finding::new(
                Check::MetadataAlgorithms,
                status,
                "RS256 among them, none not",
                joined(algorithms),
                "OIDC Discovery §3",
            );
            finding.remedy = remedy.map(str::to_owned);
            findings.push(finding);
        }
        findings
    }

    fn endpoint_finding(&self, issuer: &Issuer) -> Finding {
        const EXPECTED: &str = "https, on the issuer's host";
        const REFERENCE: &str = "OIDC Discovery §3, §7.1";
        let mut elsewhere = Vec::new();
        for (name, url) in self.endpoints() {
            match issuer.check_endpoint(url) {
                Ok(EndpointPlace::Same) => {}
                Ok(EndpointPlace::OtherHost) => {
                    elsewhere.push(format!("{name} at {}", text::visible(&authority(url))))
                }
                Err(reason) => {
                    return Finding::new(
                        Check::MetadataEndpoints,
                        Status::Failed,
                        EXPECTED,
                        format!("{name} {} {reason}", crate::jws::shown_text(url.as_str())),
                        REFERENCE,
                    )
                    .with_remedy(
                        "Nothing is sent to such a provider. Check the issuer, and tell whoever runs it.",
                    );
                }
            }
        }
        if elsewhere.is_empty() {
            let received =
                if crate::issuer::is_loopback(issuer.url()) { "same, on this computer" } else { "same" };
            Finding::new(Check::MetadataEndpoints, Status::Passed, EXPECTED, received, REFERENCE)
        } else {
            Finding::new(Check::MetadataEndpoints, Status::Warning, EXPECTED, elsewhere.join(", "), REFERENCE)
                .with_remedy("Secrets go to another host only after you confirm it for the connection.")
        }
    }

    fn required_finding(&self) -> Finding {
        const REQUIRED: [&str; 6] = [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ];
        let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| !self.raw.contains_key(*name)).collect();
        if missing.is_empty() {
            Finding::new(
                Check::MetadataRequired,
                Status::Passed,
                "all required members",
                "all there",
                "OIDC Discovery §3",
            )
        } else {
            Finding::new(
                Check::MetadataRequired,
                Status::Warning,
                "all required members",
                format!("missing: {}", missing.join(", ")),
                "OIDC Discovery §3",
            )
            .with_remedy("What depends on a missing member cannot be tested.")
        }
    }
}

/// The path alone is no proof: any provider may be mounted at `/oidc`. Off OneLogin's own hosts it is OneLogin's
/// authentication context that tells, which a tenant behind a custom domain has too.
fn generation(issuer: &str, acr_values: Option<&[String]>) -> Generation {
    let Ok(issuer) = Issuer::parse(issuer) else { return Generation::Other };
    if issuer.url().host_str().is_some_and(|host| host.ends_with(".onelogin.com")) {
        return issuer.generation();
    }
    let says_so = acr_values.into_iter().flatten().any(|value| value.starts_with("onelogin:"));
    match issuer.generation() {
        _ if !says_so => Generation::Other,
        Generation::Other => Generation::OneloginV2,
        generation => generation,
    }
}

/// A member that is needed and not there.
#[must_use]
pub fn missing(name: &str, endpoint: Endpoint) -> Problem {
    Problem::new(
        ProblemKind::MissingMetadata,
        format!("The provider's metadata name no {name}."),
        "Check that the issuer is the one for OpenID Connect sign-in, and that the provider offers this.",
    )
    .at(endpoint)
}

/// An endpoint that may not be used.
#[must_use]
pub fn unsafe_endpoint(name: &str, url: &Url, reason: &str) -> Problem {
    Problem::new(
        ProblemKind::UnsafeEndpoint,
        format!(
            "The metadata's {name} {} {reason}. Nothing was sent there.",
            crate::jws::shown_text(url.as_str())
        ),
        "Check the issuer, and tell whoever runs the provider.",
    )
}

fn joined(values: &[String]) -> String {
    crate::jws::shown_text(&values.join(", "))
}

fn wrong_shape(name: &str, expected: &str, received: Option<&Value>) -> Problem {
    let received = received.map_or_else(
        || "nothing".to_owned(),
        |value| format!("{} ({})", crate::json::kind(value), crate::jws::shown(value)),
    );
    Problem::new(
        ProblemKind::Malformed,
        format!("The provider's metadata are damaged: {name} should be {expected}, but it is {received}."),
        "Open the discovery address in a browser and compare it with OIDC Discovery §3.",
    )
    .at(Endpoint::Discovery)
}

fn issuer_mismatch(issuer: &Issuer, received: &str, difference: &str) -> Problem {
    let mut problem = Problem::new(
        ProblemKind::IssuerMismatch,
        format!(
            "The metadata are for another issuer: expected {}, received {}; {difference}.",
            issuer,
            crate::jws::shown_text(received)
        ),
        "The issuer must equal the provider's own, character for character. Use the provider's if it is the one you mean; \
         no secret was sent.",
    )
    .at(Endpoint::Discovery);
    if let Ok(other) = Issuer::parse(received)
        && other.as_str() == received
    {
        problem = problem.with_fix(Fix::UseIssuer { issuer: received.to_owned() });
    }
    problem
}

fn no_metadata(answer: &HttpAnswer, issuer: &Issuer) -> Problem {
    let url = text::visible(issuer.discovery_url().as_str());
    let remedy = match answer.status {
        404 | 410 if issuer.is_retired() => {
            "OneLogin's first generation was removed from service on 20 April 2021. Use https://SUBDOMAIN.onelogin.com/oidc/2.".to_owned()
        }
        404 | 410 if issuer.generation().is_onelogin() => {
            "Check the subdomain: it is the part before .onelogin.com in your portal's address. A custom domain ends in /oidc/2 too.".to_owned()
        }
        404 | 410 => "Check the issuer: its path may be missing or too long, for example a realm or tenant name.".to_owned(),
        _ => format!("Open {url} in a browser to see what the provider answers."),
    };
    if matches!(answer.status, 404 | 410) {
        return Problem::new(
            ProblemKind::HttpStatus,
            format!("There are no metadata at {url}: the answer was {}.", answer.status),
            remedy,
        )
        .at(Endpoint::Discovery)
        .with_status(answer.status);
    }
    let context = Context { onelogin: issuer.generation().is_onelogin(), ..Context::default() };
    let mut problem = answer::failure(answer, Endpoint::Discovery, &context);
    if problem.kind == ProblemKind::HttpStatus {
        problem.remedy = remedy;
    }
    problem
}

/// The name of a grant in `grant_types_supported` and in requests.
#[must_use]
pub fn grant_type(grant: Grant) -> &'static str {
    match grant {
        Grant::Password => "password",
        Grant::RefreshToken => "refresh_token",
        Grant::AuthorizationCode => "authorization_code",
        Grant::Implicit => "implicit",
    }
}

#[cfg(test)]
#[path = "metadata_tests.rs"]
mod tests;
