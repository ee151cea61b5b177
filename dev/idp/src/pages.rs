//! The HTML pages: each a template, shown with a strict content security policy.

pub(crate) mod accounts;
pub(crate) mod consent;
pub(crate) mod control;
pub(crate) mod error;
pub(crate) mod interaction;
pub(crate) mod second_factor;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
pub(crate) mod user;

use askama::Template;
use aws_lc_rs::digest;
use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{Html, IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

/// What a page's content security policy allows beyond the minimum.
#[derive(Default)]
pub(crate) struct Policy {
    /// The origin that a form may lead to. Chromium applies `form-action` to every redirect
    /// that follows a form, so the client's origin must be allowed.
    pub(crate) forms: String,
    /// The page's only script.
    pub(crate) script: Option<&'static str>,
    /// The URLs that it frames, without their queries.
    pub(crate) frames: Vec<String>,
}

impl Policy {
    /// For a page whose forms lead to this address.
    pub(crate) fn leading_to(address: &str) -> Self {
        let origin = Url::parse(address).map(|url| url.origin().ascii_serialization());
        Self { forms: origin.unwrap_or_default(), ..Self::default() }
    }

    fn header(&self) -> HeaderValue {
        let script = self.script.map(|script| {
            let hash = STANDARD.encode(digest::digest(&digest::SHA256, script.as_bytes()));
            format!("script-src 'sha256-{hash}'; ")
        });
        let (script, frames) = (script.unwrap_or_default(), self.frames.join(" "));
        let frames = if frames.is_empty() { frames } else { format!("frame-src {frames}; ") };
        let policy = format!(
            "default-src 'none'; {script}{frames}style-src 'self'; img-src 'self'; \
             form-action 'self' {}; frame-ancestors 'none'; base-uri 'none'",
            self.forms
        );
        HeaderValue::from_str(&policy).expect("origins and hashes are plain ASCII")
    }
}

/// Renders a page.
pub(crate) fn show(status: StatusCode, page: &impl Template, policy: &Policy) -> Response {
    let html = page.render().expect("rendering into a string cannot fail");
    let headers = [(CONTENT_SECURITY_POLICY, policy.header())];
    (status, headers, Html(html)).into_response()
}

/// Adds default headers to every response.
pub(crate) async fn with_headers(mut response: Response) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: with it browsers send `Origin: null` with our own forms.
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in headers {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// `GET /dev/idp.css`.
pub(crate) async fn styles() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (headers, include_str!("../assets/idp.css"))
}

/// `GET /dev/icon.svg`.
pub(crate) async fn icon() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "no-cache")];
    (headers, include_str!("../assets/icon.svg"))
}
