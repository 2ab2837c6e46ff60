//! The members of a token that rules look at, each found in one pass over the object: hashing a dozen names for
//! every token costs more than the rules themselves.

use serde_json::{Map, Value};

macro_rules! named {
    ($(#[$about:meta])* $type:ident: $($name:ident),+) => {
        $(#[$about])*
        #[derive(Default)]
        pub(crate) struct $type<'a> {
            $(pub(crate) $name: Option<&'a Value>,)+
        }

        impl<'a> $type<'a> {
            pub(crate) fn of(object: &'a Map<String, Value>) -> Self {
                let mut named = Self::default();
                for (name, value) in object {
                    match name.as_str() {
                        $(stringify!($name) => named.$name = Some(value),)+
                        _ => {}
                    }
                }
                named
            }
        }
    };
}

named! {
    /// Members of a JOSE header as they came, `None` where one did not (RFC 7515 §4.1, RFC 7516 §4.1, RFC 7797 §3).
    Header: typ, cty, kid, crit, b64, enc, zip, jwk, jku, x5u, x5c, x5t
}

named! {
    /// Claims of an ID token as they came, `None` where one did not (OIDC Core §2, §3.3.2.11).
    Claims: iss, aud, azp, sub, exp, iat, nbf, nonce, at_hash, rt_hash, c_hash, acr, auth_time
}
