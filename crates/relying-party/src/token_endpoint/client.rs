//! `openidconnect`'s client with our configuration.

use std::borrow::Cow;

use openidconnect::{
    AuthType, Client, ClientSecret, EmptyAdditionalClaims, EndpointNotSet, EndpointSet, IssuerUrl,
    JsonWebKeySet, RedirectUrl, RevocationUrl, StandardErrorResponse, TokenUrl,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse,
    },
};
use url::Url;

use super::token_response::TokenDocument;
use crate::{ClientCredential, ClientId};

/// `CoreClient` with our own token response.
pub(super) type OidcClient = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenDocument,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointSet,
    EndpointNotSet,
>;

/// A client for one request to this endpoint; creating it is cheap.
///
/// It has no keys of the issuer, because it verifies nothing.
pub(super) fn of(id: &ClientId, credential: &ClientCredential, endpoint: &Url) -> OidcClient {
    let id = openidconnect::ClientId::new(id.as_str().to_owned());
    let client = Client::new(id, IssuerUrl::from_url(endpoint.clone()), JsonWebKeySet::default())
        .set_token_uri(TokenUrl::from_url(endpoint.clone()))
        .set_revocation_url(RevocationUrl::from_url(https(endpoint)));
    let secret = |secret: &crate::ClientSecret| ClientSecret::new(secret.expose().to_owned());
    match credential {
        ClientCredential::Basic(of) => {
            client.set_auth_type(AuthType::BasicAuth).set_client_secret(secret(of))
        }
        ClientCredential::Post(of) => {
            client.set_auth_type(AuthType::RequestBody).set_client_secret(secret(of))
        }
        ClientCredential::PrivateKeyJwt(_) | ClientCredential::WebIdentity(_) => {
            client.set_auth_type(AuthType::RequestBody)
        }
    }
}

pub(super) fn redirect_uri(url: &Url) -> Cow<'static, RedirectUrl> {
    Cow::Owned(RedirectUrl::from_url(url.clone()))
}

/// `openidconnect` refuses revocation endpoints without https, those on loopback hosts too, which
/// we have judged ourselves when we read the metadata. The address is not used: the transport asks
/// the endpoint that it was given.
fn https(endpoint: &Url) -> Url {
    let mut https = endpoint.clone();
    // Both are special schemes, and of those each may become the other.
    let _always_ok = https.set_scheme("https");
    https
}
