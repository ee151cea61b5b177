//! How we prove to the token endpoint who we are.

mod assertion;
mod config;
mod key;
mod secret;
mod web_identity;

pub(crate) use assertion::{ASSERTION_TYPE, assertion};
pub use config::{CredentialConfig, CredentialError};
pub use key::{ClientKey, KeyError};
pub use secret::{ClientSecret, ClientSecretError};
pub use web_identity::WebIdentity;

/// The client's credential and the way it is shown (`OpenID` Connect Core, section 9). It has no
/// `Debug`: it would be in a log sooner or later.
pub enum ClientCredential {
    /// `client_secret_basic`: in the `Authorization` header, form-encoded first (RFC 6749, 2.3.1).
    Basic(ClientSecret),
    /// `client_secret_post`: in the body.
    Post(ClientSecret),
    /// `private_key_jwt`: a signed assertion in the body (RFC 7523, section 2.2).
    PrivateKeyJwt(ClientKey),
    /// `aws_web_identity`: a token of AWS as the assertion (RFC 7523, section 2.2). Nothing is stored.
    WebIdentity(WebIdentity),
}
