#![doc = include_str!("../README.md")]

mod additional_params;
mod authorization;
mod authorization_response;
mod client_config;
mod client_id;
#[cfg(feature = "token-endpoint")]
mod credential;
mod discovery;
mod end_session;
mod endpoints;
mod interaction;
mod pkce;
mod pushed_authorization;
mod scopes;
mod step_up;
#[cfg(feature = "token-endpoint")]
mod token_endpoint;
#[cfg(feature = "token-endpoint")]
mod userinfo;

pub use additional_params::{AdditionalParams, AdditionalParamsError};
pub use authorization::AuthorizationRequest;
pub use authorization_response::{AuthorizationResponse, RepeatedParameterError};
pub use client_config::ClientConfig;
pub use client_id::{ClientId, ClientIdError};
#[cfg(feature = "token-endpoint")]
pub use credential::{
    ClientCredential, ClientKey, ClientSecret, ClientSecretError, CredentialConfig,
    CredentialError, KeyError, WebIdentity,
};
pub use discovery::{Discovery, issuer_origin};
pub use end_session::{EndSession, SignOut};
pub use endpoints::{EndpointError, EndpointErrorKind, EndpointName, Endpoints};
pub use interaction::{Interaction, InteractionError};
pub use pushed_authorization::PushedAuthorization;
pub use scopes::RequestedScopes;
#[cfg(feature = "token-endpoint")]
pub use token_endpoint::{
    OAuthError, Redemption, RequestUri, Token, TokenEndpoint, TokenEndpointError, Tokens,
    TransportError, sanitized_code,
};
#[cfg(feature = "token-endpoint")]
pub use userinfo::{UserinfoEndpoint, UserinfoError};
