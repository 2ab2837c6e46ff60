//! What the browser brought, read in one way or not at all.

use std::collections::BTreeSet;

use crate::jws::shown_text;
use crate::redirect_uri::Added;
use crate::response_type::ResponseMode;
use crate::secret::Secret;
use crate::{Check, Finding, Status};

/// Largest answer that is read, bytes. Tokens of 60 kB have been seen.
const LIMIT: usize = 1024 * 1024;
const REFERENCE: &str = "RFC 6749 §3.1";
const CHECK: Check = Check::AuthorizationParameters;
const EXPECTED: &str = "each parameter once, in one place";

/// An answer as it arrived: an address, and the fields where a form was posted to it. Secret, since code
/// and tokens stand in it.
#[derive(Debug)]
pub struct Received {
    url: Secret,
    form: Option<Vec<(String, Secret)>>,
}

impl Received {
    /// The browser went to this address, fragment included. The text as it came: it is not normalised.
    #[must_use]
    pub fn navigation(url: Secret) -> Self {
        Self { url, form: None }
    }

    /// A form with these fields was posted to this address (OAuth 2.0 Form Post Response Mode).
    #[must_use]
    pub fn form_post(url: Secret, fields: Vec<(String, Secret)>) -> Self {
        Self { url, form: Some(fields) }
    }

    /// The same from the body, `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form_body(url: Secret, body: &Secret) -> Self {
        Self { url, form: Some(pairs(body.expose())) }
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// The parameters of the answer, or why they read in more than one way.
    pub(super) fn parameters(&self, added: Added<'_>) -> Result<(Parameters, Finding), Finding> {
        let in_query = (!added.query.is_empty()).then_some("the query");
        let in_fragment = (!added.fragment.is_empty()).then_some("the fragment");
        let in_form = self.form.as_ref().map(|_| "a posted form");
        let places: Vec<&str> = [in_query, in_fragment, in_form].into_iter().flatten().collect();
        let failed = |received: String| Finding::new(CHECK, Status::Failed, EXPECTED, received, REFERENCE);
        if places.len() > 1 {
            return Err(failed(places.join(" and ")).with_remedy(
                "Two answers in one: a redirect on the way may have passed a fragment on, or somebody added to \
                 the address. Nothing in it was used.",
            ));
        }
        let form_size = |form: &Vec<(String, Secret)>| {
            form.iter().map(|(name, value)| name.len() + value.expose().len()).sum::<usize>()
        };
        let size = self.url.expose().len() + self.form.as_ref().map_or(0, form_size);
        if size > LIMIT {
            return Err(failed(format!("{size} bytes")).with_remedy("The answer is too large to be one."));
        }
        let (place, values) = match &self.form {
            Some(fields) => (ResponseMode::FormPost, fields.clone()),
            None if in_fragment.is_some() => (ResponseMode::Fragment, pairs(added.fragment)),
            None => (ResponseMode::Query, pairs(added.query)),
        };
        let mut names = BTreeSet::new();
        if let Some((twice, _)) = values.iter().find(|(name, _)| !names.insert(name.as_str())) {
            return Err(failed(format!("{} twice", shown_text(twice))).with_remedy(
                "An answer in which a parameter stands twice reads in two ways. Nothing in it was used.",
            ));
        }
        // RFC 6749 §3.1: a parameter without a value counts as left out.
        let values: Vec<(String, Secret)> =
            values.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        if values.is_empty() {
            return Err(failed("none at all".to_owned()).with_remedy(
                "The redirect URI was opened without an answer. Sign in again; where a form should be posted, \
                 the browser may have been sent on before it was.",
            ));
        }
        Ok((Parameters { place, values }, Finding::new(CHECK, Status::Passed, EXPECTED, "same", REFERENCE)))
    }
}

/// Parameters that read in one way. Each name stands once, and none is empty.
pub(super) struct Parameters {
    pub(super) place: ResponseMode,
    values: Vec<(String, Secret)>,
}

impl Parameters {
    pub(super) fn get(&self, name: &str) -> Option<&Secret> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// For parameters that are no secret.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(Secret::expose)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

fn pairs(encoded: &str) -> Vec<(String, Secret)> {
    url::form_urlencoded::parse(encoded.as_bytes())
        .map(|(name, value)| (name.into_owned(), Secret::new(value.into_owned())))
        .collect()
}
