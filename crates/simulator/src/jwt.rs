//! JSON Web Tokens, signed RS256.

use serde_json::{Map, Value, json};

use crate::faults::IdTokenFault;
use crate::jwt_faults;
use crate::keys::{KeyFailure, encode};
use crate::tenant::{Tenant, lock};

/// Header and claims of a token before they are signed.
pub(crate) struct Draft {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
}

impl Draft {
    pub(crate) fn new(claims: Map<String, Value>) -> Self {
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!("RS256"));
        header.insert("typ".to_owned(), json!("JWT"));
        Self { header, claims }
    }

    /// Signs with the current key; with a fault, as it says.
    pub(crate) fn sign(
        mut self,
        tenant: &Tenant,
        client_secret: Option<&str>,
        fault: Option<&IdTokenFault>,
    ) -> Result<String, KeyFailure> {
        let keys = lock(&tenant.keys);
        let key = keys.current();
        self.header.insert("kid".to_owned(), json!(key.kid));
        if let Some(fault) = fault {
            return jwt_faults::sign(self, key, client_secret, fault, tenant.now());
        }
        let input =
            signing_input(Value::Object(self.header).to_string(), Value::Object(self.claims).to_string());
        let signature = key.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", encode(&signature)))
    }
}

/// Header and claims in base64url with a dot between them (RFC 7515 §5.1).
pub(crate) fn signing_input(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    format!("{}.{}", encode(header.as_ref()), encode(claims.as_ref()))
}
