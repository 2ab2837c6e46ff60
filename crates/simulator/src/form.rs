//! A posted form or a query, read so that nothing ambiguous gets through.

use url::form_urlencoded;

use crate::answer::Answer;
use crate::tenant::Call;

/// The fields of a form; no name occurs twice.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads a posted form.
    ///
    /// # Errors
    /// An answer for another content type and for a name that occurs twice.
    pub(crate) fn read(content_type: Option<&str>, body: &[u8]) -> Result<Self, Answer> {
        let media_type = content_type.and_then(|value| value.split(';').next()).map(str::trim);
        if !media_type.is_some_and(|value| value.eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
            return Err(Answer::invalid_request(
                "only application/x-www-form-urlencoded content-type bodies are supported",
            ));
        }
        Self::decode(body)
    }

    /// What a browser brings: a posted form, or a query.
    ///
    /// # Errors
    /// As for [`Form::read`].
    pub(crate) fn of_browser(call: &Call<'_>) -> Result<Self, Answer> {
        match call.method {
            "POST" => Self::read(call.content_type.as_deref(), call.body),
            _ => Self::decode(call.query.unwrap_or_default().as_bytes()),
        }
    }

    fn decode(text: &[u8]) -> Result<Self, Answer> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text) {
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(Answer::invalid_request(&format!(
                    "parameters must not be provided twice. ({name})"
                )));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self { fields })
    }

    /// A field that is there and not empty: an empty one counts as omitted (RFC 6749 §3.2).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Whether a field is there, empty or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// All fields but those.
    pub(crate) fn without(&self, names: &[&str]) -> Vec<(String, String)> {
        self.fields.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect()
    }

    /// A field that has to be there.
    ///
    /// # Errors
    /// The documented answer for a missing parameter.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Answer> {
        self.get(name).ok_or_else(|| Answer::missing(name))
    }
}
