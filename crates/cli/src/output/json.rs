//! The documents of `--json`: exactly the members of the contract, in its order.

use std::io::{self, Write};

use latchkey_client::report::{DecodedToken, ExchangeSummary, Outcome, SignInReport, TokenSummaries};
use latchkey_oidc::text::visible;
use latchkey_oidc::{Finding, Problem, ProblemKind};
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};

/// The document of a sign-in and of everything like it.
#[derive(Serialize)]
pub(crate) struct RunDocument<'a> {
    /// `null` where nothing was run.
    outcome: Option<Outcome>,
    findings: &'a [Finding],
    id_token: Option<&'a DecodedToken>,
    userinfo: Option<&'a Value>,
    tokens: &'a TokenSummaries,
    error: Option<ErrorMember<'a>>,
    exchanges: &'a [ExchangeSummary],
}

/// The member `error`.
#[derive(Serialize)]
pub(crate) struct ErrorMember<'a> {
    kind: ProblemKind,
    code: Option<&'a str>,
    description: Option<&'a str>,
    http_status: Option<u16>,
    explanation: &'a str,
    remedy: &'a str,
}

impl<'a> From<&'a Problem> for ErrorMember<'a> {
    fn from(problem: &'a Problem) -> Self {
        Self {
            kind: problem.kind,
            code: problem.code.as_deref(),
            description: problem.description.as_deref(),
            http_status: problem.http_status,
            explanation: &problem.explanation,
            remedy: &problem.remedy,
        }
    }
}

impl<'a> From<&'a SignInReport> for RunDocument<'a> {
    fn from(report: &'a SignInReport) -> Self {
        Self {
            outcome: Some(report.outcome),
            findings: &report.findings,
            id_token: report.id_token.as_ref(),
            userinfo: report.userinfo.as_ref(),
            tokens: &report.tokens,
            error: report.error.as_ref().map(ErrorMember::from),
            exchanges: &report.exchanges,
        }
    }
}

/// The document of a run that a problem ended before anything was sent.
pub(crate) fn nothing_run(problem: &Problem) -> impl Serialize {
    static NONE: TokenSummaries = TokenSummaries { access_token: None, refresh_token: None, id_token: None };
    RunDocument {
        outcome: None,
        findings: &[],
        id_token: None,
        userinfo: None,
        tokens: &NONE,
        error: Some(problem.into()),
        exchanges: &[],
    }
}

/// Writes a document, indented, with a line end.
pub(crate) fn write(mut to: impl Write, document: &impl Serialize) -> io::Result<()> {
    let mut text = Vec::with_capacity(4096);
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Harmless::default());
    document.serialize(&mut serializer).map_err(io::Error::other)?;
    text.push(b'\n');
    to.write_all(&text)?;
    to.flush()
}

/// Indents, and writes characters that hide or steer as `\uXXXX`: the document may well be read in a terminal.
#[derive(Default)]
struct Harmless<'a> {
    pretty: PrettyFormatter<'a>,
}

impl Formatter for Harmless<'_> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut clean_from = 0;
        let suspects = fragment.char_indices().filter(|(_, c)| !c.is_ascii() || c.is_ascii_control());
        for (at, suspect) in suspects {
            let mut buffer = [0; 4];
            let text: &str = suspect.encode_utf8(&mut buffer);
            if visible(text) == text {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[clean_from..at])?;
            for unit in suspect.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            clean_from = at + suspect.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[clean_from..])
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.pretty.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.pretty.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.pretty.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(value: &Value) -> String {
        let mut text = Vec::new();
        write(&mut text, value).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn h21_what_hides_or_steers_is_escaped_and_reads_back_the_same() {
        let value = json!({
            "a\u{202e}b": "\u{1b}[31m \u{200b} \u{9b} \u{7f} \u{e0041} \u{feff}",
            "plain": "Zoë 日本 “quoted” \"\\ \n\t"
        });
        let text = written(&value);
        assert!(!text.chars().any(|c| visible(&c.to_string()) != c.to_string() && c != '\n'), "{text}");
        assert!(text.contains("a\\u202eb") && text.contains("\\udb40\\udc41"), "{text}");
        assert!(text.contains("Zoë 日本 “quoted”"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_run_has_the_members_of_the_contract_in_their_order() {
        let problem = Problem::new(ProblemKind::InvalidIssuer, "e", "r");
        let value: Value = serde_json::to_value(nothing_run(&problem)).unwrap();
        let names: Vec<&String> = value.as_object().unwrap().keys().collect();
        assert_eq!(names, ["outcome", "findings", "id_token", "userinfo", "tokens", "error", "exchanges"]);
        let names: Vec<&String> = value["error"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["kind", "code", "description", "http_status", "explanation", "remedy"]);
    }
}
