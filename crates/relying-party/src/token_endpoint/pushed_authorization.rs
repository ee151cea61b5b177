//! Authorization requests that go to the provider before the browser does (RFC 9126).

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, header};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{TokenEndpoint, TokenEndpointError, error};
use crate::{
    AuthorizationRequest, ClientCredential, ClientId, ClientSecret, EndpointError, EndpointName,
    Endpoints,
};

/// The provider's reference to a pushed request. It comes only from the provider's response to us:
/// one from a browser could refer to anyone's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUri(String);

impl RequestUri {
    /// The address to send the browser to (RFC 9126, section 4).
    ///
    /// # Errors
    /// When the provider has no usable authorization endpoint.
    pub fn url(&self, endpoints: &Endpoints, client: &ClientId) -> Result<Url, EndpointError> {
        let mut url = endpoints.url(EndpointName::Authorization)?.clone();
        url.query_pairs_mut()
            .append_pair("client_id", client.as_str())
            .append_pair("request_uri", &self.0);
        Ok(url)
    }
}

impl TokenEndpoint {
    /// Pushes an authorization request, with the client's credential.
    ///
    /// # Errors
    /// See [`TokenEndpointError`]; [`TokenEndpointError::Endpoint`] when the provider has no endpoint for it.
    pub async fn push(
        &self,
        endpoints: &Endpoints,
        request: &AuthorizationRequest<'_>,
    ) -> Result<RequestUri, TokenEndpointError> {
        let endpoint = endpoints.url(EndpointName::PushedAuthorization)?;
        let credential = self.credential().await?;
        let assertion = self.assertion(endpoints, endpoint).await?;
        let pushed = pushed(request, credential, assertion);
        let answer = self.transport(endpoint).call(pushed).await;
        read(&answer.map_err(TokenEndpointError::Transient)?)
    }
}

fn pushed(
    request: &AuthorizationRequest<'_>,
    credential: &ClientCredential,
    assertion: Vec<(&'static str, String)>,
) -> HttpRequest {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(request.parameters()).extend_pairs(assertion);
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let mut headers = HeaderMap::from_iter([
        (header::ACCEPT, HeaderValue::from_static("application/json")),
        (header::CONTENT_TYPE, form_type),
    ]);
    match credential {
        ClientCredential::Basic(secret) => {
            headers.insert(header::AUTHORIZATION, basic(request.client_id, secret));
        }
        ClientCredential::Post(secret) => {
            form.append_pair("client_secret", secret.expose());
        }
        ClientCredential::PrivateKeyJwt(_) | ClientCredential::WebIdentity(_) => {}
    }
    let mut pushed = HttpRequest::new(form.finish().into_bytes());
    *pushed.headers_mut() = headers;
    pushed
}

/// Both parts are form-encoded first (RFC 6749, section 2.3.1).
fn basic(client: &ClientId, secret: &ClientSecret) -> HeaderValue {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client.as_str()), encoded(secret.expose()));
    let mut value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair)))
        .expect("base64 is fit for a header");
    value.set_sensitive(true);
    value
}

#[derive(Deserialize)]
struct PushedResponse {
    request_uri: String,
}

#[derive(Deserialize)]
struct ErrorDocument {
    error: String,
}

fn read(answer: &HttpResponse) -> Result<RequestUri, TokenEndpointError> {
    let malformed = |what: &str| TokenEndpointError::Malformed(what.to_owned());
    if !answer.status().is_success() {
        let document: ErrorDocument =
            serde_json::from_slice(answer.body()).map_err(|_| malformed("no JSON document"))?;
        return Err(error::of_codes(&document.error, None));
    }
    let pushed: PushedResponse =
        serde_json::from_slice(answer.body()).map_err(|_| malformed("request_uri"))?;
    let is_uri = |text: &str| {
        (1..=2048).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !is_uri(&pushed.request_uri) {
        return Err(malformed("request_uri"));
    }
    Ok(RequestUri(pushed.request_uri))
}
