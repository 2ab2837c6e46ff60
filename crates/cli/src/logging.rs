//! Logs to standard error, only where `LATCHKEY_LOG` asks for them.

use latchkey_client::logging::{VARIABLE, directives};
use tracing_subscriber::EnvFilter;

use crate::output::Output;

/// Starts logging at the level that `LATCHKEY_LOG` names.
pub(crate) fn start(output: &Output) {
    let Some(wanted) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) else { return };
    let directives = directives(&wanted.to_string_lossy()).or_else(|| {
        output.remark(&format!("{VARIABLE} takes error, warn, info, debug or trace; info is used."));
        directives("info")
    });
    // An error means that somebody logs already, which nobody does here.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(directives.unwrap_or_default()))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
