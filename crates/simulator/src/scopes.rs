//! The scopes of the tenant.

use crate::options::Generation;

/// The scopes of either generation; what is not among them is dropped without a word, as OneLogin does.
const SCOPES: [&str; 8] =
    ["openid", "name", "profile", "groups", "email", "phone", "params", "offline_access"];

/// The known ones of the requested scopes, each once.
pub(crate) fn known_scopes(requested: &str, generation: Generation) -> String {
    let mut scopes: Vec<&str> = Vec::new();
    for name in requested.split(' ') {
        let fits = generation == Generation::V2 || !matches!(name, "params" | "offline_access");
        if SCOPES.contains(&name) && fits && !scopes.contains(&name) {
            scopes.push(name);
        }
    }
    scopes.join(" ")
}
