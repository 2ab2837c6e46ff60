//! Parses the command line. Its errors never repeat what may be a secret that somebody typed by mistake.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _};
use latchkey_oidc::text::visible;

use crate::args::Arguments;
use crate::exit::Exit;

/// Parses, or prints help, version or error and returns the exit code.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Arguments, ExitCode> {
    let colour = if arguments.iter().any(|argument| argument == "--no-color") {
        ColorChoice::Never
    } else {
        ColorChoice::Auto
    };
    if let Some(refusal) = secret_argument(&arguments) {
        say(&refusal);
        return Err(Exit::Usage.into());
    }
    let matches = Arguments::command().color(colour).try_get_matches_from(arguments);
    matches.and_then(|matches| Arguments::from_arg_matches(&matches)).map_err(|mut error| {
        if let Some(text) = discreet(&error) {
            say(&text);
        } else {
            explain(&mut error);
            // Where even that cannot be written, the exit code has to say it.
            let _ = error.print();
        }
        if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
    })
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// The refusal of an argument by whose name somebody wanted to pass a secret.
fn secret_argument(arguments: &[OsString]) -> Option<String> {
    let typed = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    let name = typed.take_while(|argument| argument != "--").find_map(|argument| {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (&*argument, None),
        };
        let bare = name.strip_prefix("--")?.to_ascii_lowercase().replace('_', "-");
        // The ways that read standard input are fine, unless a value is tied to them.
        let stdin = bare.strip_suffix("-stdin").filter(|_| value.is_some());
        let bare = stdin.unwrap_or(&bare);
        let secret = matches!(
            bare,
            "password"
                | "passwd"
                | "pass"
                | "client-secret"
                | "secret"
                | "token"
                | "access-token"
                | "refresh-token"
                | "id-token"
        );
        secret.then(|| name.to_owned())
    })?;
    Some(format!(
        "error: {name} takes no value: secrets are never arguments, since other programs and the shell's history see \
         those

  Password: type it at the prompt, or use --password-stdin:
    printf '%s\\n' \"$PASSWORD\" | latchkey sign-in password … --password-stdin
  Client secret: set LATCHKEY_CLIENT_SECRET, keep it in the keychain with
    latchkey connection add … --client-secret-stdin, or type it at the prompt
  Tokens: on standard input, with --access-token-stdin for an access token

What was typed is in the shell's history now: remove it there, and change it if others may have seen it."
    ))
}

/// The text of an error whose own words would repeat what was typed in the wrong place.
fn discreet(error: &clap::Error) -> Option<String> {
    let invalid = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let what = match error.kind() {
        ErrorKind::UnknownArgument if invalid.starts_with("--") => {
            let name = invalid.split('=').next().unwrap_or_default();
            let tip = match error.get(ContextKind::SuggestedArg) {
                Some(ContextValue::String(similar)) => format!(" (there is {similar})"),
                _ => String::new(),
            };
            format!("{} is no option here{tip}", visible(name))
        }
        ErrorKind::UnknownArgument if invalid.starts_with('-') => {
            let name: String = invalid.chars().take(2).collect();
            format!("{} is no option here", visible(&name))
        }
        ErrorKind::UnknownArgument => {
            "there is a word too many; it is not repeated here, since it may be a secret".to_owned()
        }
        ErrorKind::TooManyValues => {
            format!(
                "{} takes no value; what was typed is not repeated here, since it may be a secret",
                visible(invalid)
            )
        }
        _ => return None,
    };
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => format!("\n\n{usage}"),
        _ => String::new(),
    };
    Some(format!("error: {what}{usage}\n\nFor more information, try '--help'."))
}

/// Adds what a bare conflict does not say.
fn explain(error: &mut clap::Error) {
    let touches_connection = [ContextKind::InvalidArg, ContextKind::PriorArg]
        .into_iter()
        .any(|kind| error.get(kind).is_some_and(|value| value.to_string().contains("--connection")));
    if error.kind() == ErrorKind::ArgumentConflict && touches_connection {
        let tip =
            "--connection NAME stands for issuer, client and the rest: leave the others out, or leave it out";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &[&str]) -> Option<String> {
        let arguments: Vec<OsString> =
            std::iter::once("latchkey").chain(arguments.iter().copied()).map(OsString::from).collect();
        secret_argument(&arguments).or_else(|| {
            let error = Arguments::command().try_get_matches_from(arguments).err()?;
            Some(discreet(&error).unwrap_or_else(|| error.to_string()))
        })
    }

    #[test]
    fn h26_a_secret_typed_as_an_argument_is_refused_and_not_repeated() {
        for arguments in [
            &["sign-in", "password", "--password", "hunter2"][..],
            &["sign-in", "password", "--password=hunter2"],
            &["sign-in", "password", "--PASSWORD=hunter2"],
            &["sign-in", "password", "--password-stdin=hunter2"],
            &["sign-in", "password", "--client-secret", "hunter2"],
            &["sign-in", "password", "--client_secret=hunter2"],
            &["connection", "add", "--client-secret-stdin=hunter2"],
            &["verify", "--access-token=hunter2"],
            &["sign-in", "password", "hunter2"],
            &["sign-in", "password", "-phunter2"],
            &["sign-in", "password", "--pin=hunter2"],
            &["sign-in", "password", "--json=hunter2"],
        ] {
            let text = refused(arguments).unwrap();
            assert!(!text.contains("hunter2"), "{arguments:?}: {text}");
            assert!(text.starts_with("error: "), "{arguments:?}: {text}");
        }
    }

    #[test]
    fn reading_standard_input_is_no_secret_argument() {
        let arguments =
            ["latchkey", "sign-in", "password", "--password-stdin", "--", "--password"].map(OsString::from);
        assert_eq!(secret_argument(&arguments), None);
    }

    #[test]
    fn a_misspelt_option_is_told_with_its_neighbour() {
        let text = refused(&["provider", "--isuer", "https://a.example"]).unwrap();
        assert!(text.contains("--isuer is no option here (there is --issuer)"), "{text}");
    }
}
