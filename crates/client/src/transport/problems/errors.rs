//! Looks for types in the chain of errors that the HTTP client returns.

use std::error::Error as StdError;
use std::io;

/// An error and what is behind it, outermost first.
pub(super) fn sources<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| behind(*error))
}

/// `io::Error` hides the error it wraps from `source`, which is where rustls' errors are.
fn behind<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(io) = error.downcast_ref::<io::Error>()
        && let Some(inner) = io.get_ref()
    {
        return Some(inner);
    }
    error.source()
}

pub(super) fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    sources(error).find_map(|error| error.downcast_ref::<T>())
}

/// The innermost cause, for the description. Carries no URL.
pub(super) fn detail(error: &(dyn StdError + 'static)) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Whether an input or output error of that kind is among them.
pub(super) fn has_io(error: &(dyn StdError + 'static), kind: io::ErrorKind) -> bool {
    sources(error).filter_map(|error| error.downcast_ref::<io::Error>()).any(|error| error.kind() == kind)
}
