//! The system's random source, and what to say where it cannot be read.

use latchkey_oidc::{Problem, ProblemKind};

/// Fills `bytes`.
///
/// # Errors
/// [`ProblemKind::Configuration`]: without random values nothing that needs them may be sent.
pub fn fill(bytes: &mut [u8]) -> Result<(), Problem> {
    getrandom::fill(bytes).map_err(|_| {
        Problem::new(
            ProblemKind::Configuration,
            "The system's random source cannot be read: nothing was sent.",
            "Restart the computer. What needs random values is not safe without them.",
        )
    })
}
