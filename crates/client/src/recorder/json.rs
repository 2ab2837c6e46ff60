//! Takes what was sent out of JSON that a provider answered and that is shown: claims, headers of tokens.

use std::borrow::Cow;

use latchkey_oidc::text::visible;
use serde_json::Value;

use super::Recorder;
use super::redact::Redactor;

impl Recorder {
    /// Takes every secret that is known here out of the strings of a value, and leaves the rest as it came.
    pub fn redact_json(&self, value: &mut Value) {
        let redactor = self.lock().redactor();
        clean(value, &redactor);
    }
}

fn clean(value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => {
            // Only where a secret was found: the rest stays as it came.
            let Cow::Owned(redacted) = redactor.text(text) else { return };
            let (shown, redacted) = (visible(text), visible(&redacted));
            if redacted != shown && !by_chance(&shown, &redacted) {
                *text = redacted;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, redactor)),
        Value::Object(members) => members.values_mut().for_each(|member| clean(member, redactor)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A short password may well be part of a name or an address. To blot it out there would give it away.
fn by_chance(text: &str, redacted: &str) -> bool {
    const PLACEHOLDER: &str = "[password]";
    const SHORT: usize = 8;
    let found = redacted.matches(PLACEHOLDER).count();
    let removed = (text.len() + found * PLACEHOLDER.len()).saturating_sub(redacted.len());
    found > 0 && removed < found * SHORT
}

#[cfg(test)]
mod tests {
    use latchkey_oidc::Secret;
    use serde_json::json;

    use super::*;

    #[test]
    fn h26_what_was_sent_is_taken_out_of_claims_and_nothing_else_is_touched() {
        let recorder = Recorder::new();
        recorder.learn("password", &Secret::from("correct horse"));
        recorder.learn("access_token", &Secret::from("opaque-access-token"));
        let mut claims = json!({
            "note": ["correct horse", "a\u{202e}b"],
            "token": "opaque-access-token",
            "n": 1,
        });
        recorder.redact_json(&mut claims);
        assert_eq!(claims["note"], json!(["[password]", "a\u{202e}b"]));
        assert!(!claims["token"].as_str().unwrap().contains("opaque"));
    }

    #[test]
    fn a_short_password_that_is_part_of_a_name_is_not_given_away() {
        let recorder = Recorder::new();
        recorder.learn("password", &Secret::from("peggy"));
        let mut claims = json!({ "email": "peggy.sue@peggy.example" });
        recorder.redact_json(&mut claims);
        assert_eq!(claims["email"], "peggy.sue@peggy.example");
    }
}
