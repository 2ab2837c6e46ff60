//! Logs to standard error, only where `LATCHKEY_LOG` asks for them, and only our own: what libraries
//! trace may hold headers and bodies, and so secrets.

use tracing_subscriber::EnvFilter;

use crate::output::Output;

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
const OURS: [&str; 4] = ["latchkey", "latchkey_client", "latchkey_oidc", "latchkey_simulator"];

/// Starts logging at the level that `LATCHKEY_LOG` names.
pub(crate) fn start(output: &Output) {
    let Some(wanted) = std::env::var_os("LATCHKEY_LOG").filter(|value| !value.is_empty()) else { return };
    let wanted = wanted.to_string_lossy().to_ascii_lowercase();
    let level = LEVELS.into_iter().find(|level| *level == wanted).unwrap_or_else(|| {
        output.remark("LATCHKEY_LOG takes error, warn, info, debug or trace; info is used.");
        "info"
    });
    let directives: Vec<String> = OURS.iter().map(|target| format!("{target}={level}")).collect();
    // An error means that somebody logs already, which nobody does here.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(directives.join(",")))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
