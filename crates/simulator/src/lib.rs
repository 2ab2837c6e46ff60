//! A OneLogin tenant on loopback, for demonstration and tests.
//!
//! It serves both generations of OneLogin's OpenID Connect at once, as their documents describe them: discovery,
//! keys, signing in through the browser (implicit and code) and out, the password and refresh grants, UserInfo,
//! introspection and revocation, with the documented statuses, bodies and member order. Faults can be asked for, each from a closed set ([`Faults`]).
//!
//! Everything here is for show. The client secrets and passwords are demo values, published in the source and
//! printed by `latchkey simulate`; nothing in production may use them. The server binds 127.0.0.1 only.
//!
//! ```no_run
//! # async fn demo() -> Result<(), latchkey_simulator::StartError> {
//! use latchkey_simulator::{Generation, Options, Simulator};
//!
//! let simulator = Simulator::start(Options::default()).await?;
//! let issuer = simulator.issuer(Generation::V2);
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```

mod access;
mod answer;
mod authorization;
mod bomb;
mod claims;
mod client_auth;
mod clients;
mod codes;
mod crowd;
mod damage;
mod description;
mod discovery;
mod end_session;
mod faults;
mod form;
mod id_token;
mod introspection;
mod jwt;
mod jwt_faults;
mod keys;
mod options;
mod pages;
mod requests;
mod revocation;
mod scopes;
mod server;
mod sessions;
mod simulator;
mod state;
mod store;
mod tenant;
mod token;
mod userinfo;
mod users;
mod wire;

pub use authorization::ONE_TIME_CODE;
pub use authorization::response::ResponseMode;
pub use clients::{AuthMethod, Client, ClientRole, GrantType, GroupsParameter, clients};
pub use description::{ClientEntry, Description, Issuers, UserEntry};
pub use faults::{
    AnswerFault, AuthorizationFault, ClaimFault, EndSessionFault, Faults, HeaderFault, IdTokenFault,
    JsonFault, KeySetFault, MetadataFault, ShapeFault, SignatureFault, TokenFault, UpdatedAt, UserInfoFault,
};
pub use options::{Clock, Generation, Options, StartError, UnknownGeneration};
pub use requests::{Endpoint, Requests};
pub use simulator::Simulator;
pub use state::{RefreshTokenState, State};
pub use users::{Groups, Outcome, Profile, User, UserRole, users};
