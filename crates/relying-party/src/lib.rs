#![doc = include_str!("../README.md")]

mod authorization;
mod client_config;
mod client_id;
#[cfg(feature = "token-endpoint")]
mod credential;
mod end_session;
mod endpoints;
mod interaction;
mod pkce;
mod prompt;
mod scopes;
#[cfg(feature = "token-endpoint")]
mod token_endpoint;
#[cfg(feature = "token-endpoint")]
mod userinfo;

pub use authorization::AuthorizationRequest;
pub use client_config::ClientConfig;
pub use client_id::{ClientId, ClientIdError};
#[cfg(feature = "token-endpoint")]
pub use credential::{
    ClientCredential, ClientKey, ClientSecret, ClientSecretError, CredentialConfig,
    CredentialError, KeyError,
};
pub use end_session::EndSession;
pub use endpoints::{EndpointError, EndpointName, Endpoints, Fault};
pub use interaction::{Interaction, Unfit};
pub use prompt::{Prompt, PromptError};
pub use scopes::RequestedScopes;
#[cfg(feature = "token-endpoint")]
pub use token_endpoint::{
    Failure, Redemption, RequestUri, RevokedToken, Token, TokenEndpoint, TokenEndpointError, Tokens,
};
#[cfg(feature = "token-endpoint")]
pub use userinfo::{UserinfoEndpoint, UserinfoError};
