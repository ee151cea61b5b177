//! An axum extractor that lets a handler run only for callers with permission.

use std::marker::PhantomData;

use ::axum::{
    Json,
    extract::{FromRef, FromRequestParts},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{AccessTokens, Caller, Policy, Refusal, bearer};

/// A permission as a type, so that a handler names what it needs in its
/// arguments and cannot forget to check it.
///
/// `S` is the router's state, where the policy is kept.
pub trait Permission<S>: Send + Sync + 'static {
    /// What the permission needs.
    fn policy(state: &S) -> &Policy;
}

/// A caller who has the permission `P`. A handler with this among its arguments
/// runs for such callers only; all others get the answer that [`Rejection`] is.
///
/// The token is taken from the `Authorization` header alone.
#[derive(Debug)]
pub struct Authorized<P> {
    /// Who calls.
    pub caller: Caller,
    permission: PhantomData<fn() -> P>,
}

/// The address of the protected resource's metadata (RFC 9728). Put it into the
/// request's extensions to have it named in `WWW-Authenticate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceMetadata(pub String);

impl<S, P> FromRequestParts<S> for Authorized<P>
where
    S: Send + Sync,
    P: Permission<S>,
    AccessTokens: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let tokens = AccessTokens::from_ref(state);
        match authorize(&tokens, P::policy(state), parts).await {
            Ok(caller) => Ok(Self { caller, permission: PhantomData }),
            Err(refusal) => {
                let metadata = parts.extensions.get::<ResourceMetadata>().cloned();
                Err(Rejection { refusal, metadata })
            }
        }
    }
}

async fn authorize(
    tokens: &AccessTokens,
    policy: &Policy,
    parts: &Parts,
) -> Result<Caller, Refusal> {
    let token = bearer(&parts.headers)?;
    let claims = tokens.verify(token).await?;
    Ok(policy.check(&claims)?)
}

/// The answer to a request that is not let in: `application/problem+json`
/// (RFC 9457) with `WWW-Authenticate` and `Retry-After` where they belong.
/// Made into a response, it is logged once.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    refusal: Refusal,
    metadata: Option<ResourceMetadata>,
}

impl Rejection {
    /// Why.
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let Self { refusal, metadata } = self;
        let (status, code) = (refusal.status(), refusal.code());
        if status.is_server_error() {
            tracing::error!(code, variant = refusal.variant(), reason = %refusal, "request not judged");
        } else {
            tracing::info!(code, variant = refusal.variant(), reason = %refusal, "request refused");
        }
        let problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": refusal.sentence(),
            "code": code,
        });
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = refusal.retry_after() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) =
            refusal.www_authenticate(metadata.as_ref().map(|metadata| metadata.0.as_str()))
        {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
