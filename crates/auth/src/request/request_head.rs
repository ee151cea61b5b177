//! What of a request decides whether it is let in.

use std::fmt;

use http::{Extensions, HeaderMap, Method, Request, Uri, header::AUTHORIZATION, request::Parts};

use crate::{Resource, SessionUser};

/// What of an HTTP request decides whether it is let in. Made from any
/// [`http::Request`], those of axum, hyper and `lambda_http` included.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct RequestHead<'r> {
    /// The method.
    pub method: &'r Method,
    /// The path, percent-encoded as sent. In a nested router of axum it is the
    /// whole path, which the client knows, and not what the nesting left of it
    /// (with this crate's feature `axum`, which a tower layer in there needs too).
    pub path: &'r str,
    /// The headers.
    pub headers: &'r HeaderMap,
    /// The resource that was asked for, where the request's extensions say it.
    pub resource: Option<&'r Resource>,
    /// Who takes the place of a token, where the request's extensions say it.
    pub session_user: Option<&'r SessionUser>,
}

impl<'r> RequestHead<'r> {
    /// Who takes the place of a token: never beside an `Authorization` header.
    pub fn stand_in(&self) -> Option<&'r SessionUser> {
        self.session_user.filter(|_| !self.headers.contains_key(AUTHORIZATION))
    }

    /// A request without extensions.
    pub fn new(method: &'r Method, path: &'r str, headers: &'r HeaderMap) -> Self {
        Self { method, path, headers, resource: None, session_user: None }
    }
}

/// Without the headers: the token is among them, which no log may have.
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl<'r> From<&'r Parts> for RequestHead<'r> {
    fn from(parts: &'r Parts) -> Self {
        Self {
            resource: parts.extensions.get(),
            session_user: parts.extensions.get(),
            ..Self::new(&parts.method, path(&parts.uri, &parts.extensions), &parts.headers)
        }
    }
}

impl<'r, B> From<&'r Request<B>> for RequestHead<'r> {
    fn from(request: &'r Request<B>) -> Self {
        Self {
            resource: request.extensions().get(),
            session_user: request.extensions().get(),
            ..Self::new(
                request.method(),
                path(request.uri(), request.extensions()),
                request.headers(),
            )
        }
    }
}

/// The path that the client asked for, which is what it made its proof for.
fn path<'r>(uri: &'r Uri, extensions: &'r Extensions) -> &'r str {
    // `Router::nest` takes its prefix away, and keeps the whole here.
    #[cfg(feature = "axum")]
    if let Some(::axum::extract::OriginalUri(whole)) = extensions.get() {
        return whole.path();
    }
    let _ = extensions;
    uri.path()
}
