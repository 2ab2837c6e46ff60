//! What may be logged: events of our own alone. What libraries trace may hold headers and bodies, and so secrets.

/// The environment variable that asks for a log.
pub const VARIABLE: &str = "LATCHKEY_LOG";

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
const OURS: [&str; 5] =
    ["latchkey", "latchkey_client", "latchkey_desktop", "latchkey_oidc", "latchkey_simulator"];

/// The directives of a filter for one level, as `tracing-subscriber` reads them.
///
/// `None` where the text is no level. A target cannot be named: it could be a library's.
#[must_use]
pub fn directives(level: &str) -> Option<String> {
    let level = LEVELS.into_iter().find(|known| known.eq_ignore_ascii_case(level))?;
    let directives: Vec<String> = OURS.iter().map(|target| format!("{target}={level}")).collect();
    Some(directives.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h26_no_level_lets_a_library_log() {
        for level in ["error", "WARN", "trace"] {
            let directives = directives(level).unwrap();
            assert!(directives.contains(&format!("latchkey_desktop={}", level.to_lowercase())));
            for directive in directives.split(',') {
                assert!(directive.starts_with("latchkey"), "{directive}");
            }
        }
        for wanted in ["", "loud", "hyper=trace", "trace,h2=trace", "off"] {
            assert_eq!(directives(wanted), None, "{wanted}");
        }
    }
}
