//! The answer to a request that is not let in.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue, Response,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::json;

use crate::{
    AuthError, Dpop, ProofError, RequestHead, Resource, Scheme, Scope,
    request::challenge::challenges,
};

/// Where a nonce for the next DPoP proof stands (RFC 9449, section 8.1).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The answer to a request that is not let in: `application/problem+json`
/// (RFC 9457) with `WWW-Authenticate`, `Retry-After` and `DPoP-Nonce` where they
/// belong.
#[derive(Clone, Debug)]
pub struct AuthErrorResponse {
    error: AuthError,
    /// The scheme that the client used, as far as it is known here.
    used: Scheme,
    resource: Option<Resource>,
    requested_scope: Option<Scope>,
    dpop: Option<Arc<Dpop>>,
}

impl AuthErrorResponse {
    pub(crate) fn new(
        request: &RequestHead<'_>,
        error: AuthError,
        resource: Option<&Resource>,
        dpop: Option<Arc<Dpop>>,
    ) -> Self {
        let used = dpop.as_ref().and_then(|_| Scheme::of(request.headers));
        let used = used.unwrap_or(Scheme::Bearer);
        Self { error, used, resource: resource.cloned(), requested_scope: None, dpop }
    }

    /// Has a 401 name the scope to request.
    pub(crate) fn with_requested_scope(self, scope: Option<&Scope>) -> Self {
        Self { requested_scope: scope.cloned(), ..self }
    }

    /// Why.
    pub fn error(&self) -> &AuthError {
        &self.error
    }

    /// The headers of the answer.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.error.retry_after() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        let (resource, dpop) = (self.resource.as_ref(), self.dpop.as_deref());
        let scope = self.requested_scope.as_ref();
        for challenge in challenges(&self.error, self.used, scope, resource, dpop) {
            headers.append(WWW_AUTHENTICATE, challenge);
        }
        if let (AuthError::Proof(ProofError::NonceNeeded), Some(dpop)) = (&self.error, dpop)
            && let Some(nonce) = dpop.fresh_nonce()
        {
            headers.insert(DPOP_NONCE, nonce);
        }
        headers
    }

    /// The body of the answer.
    pub fn body(&self) -> String {
        let status = self.error.status();
        let mut problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.error.detail(),
            "code": self.error.code(),
        });
        if let AuthError::StepUp(again) = &self.error {
            for (name, value) in again.parameters() {
                problem[name] = value;
            }
        }
        problem.to_string()
    }

    /// The whole answer. It is logged here, once: at level `info` with the exact
    /// fact, or at `error` when the token could not be verified.
    pub fn into_response<B: From<String>>(self) -> Response<B> {
        self.error.log();
        let mut response = Response::new(self.body().into());
        *response.status_mut() = self.error.status();
        *response.headers_mut() = self.headers();
        response
    }
}
