//! The pages: each a template, shown under a strict policy.

pub(crate) mod accounts;
pub(crate) mod assets;
pub(crate) mod consent;
pub(crate) mod control;
pub(crate) mod error;
pub(crate) mod form_post;
pub(crate) mod leave;
pub(crate) mod second_factor;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
pub(crate) mod signing_out;
mod under_way;
pub(crate) mod user;

use askama::Template;
use aws_lc_rs::digest;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_SECURITY_POLICY},
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use crate::provider::Idp;

/// What a page may do besides showing itself.
#[derive(Default)]
struct Policy {
    /// The origin a form of it may end up at. Chromium applies `form-action` to every
    /// redirect that follows a form, so the client's origin has to be in it.
    forms: Option<String>,
    /// The CSP hash of its one script.
    script: Option<String>,
    /// The addresses that it frames, without their queries.
    frames: Vec<String>,
}

impl Policy {
    /// A page whose forms lead back to this address.
    fn leading_to(address: &str) -> Self {
        let origin = Url::parse(address).map(|url| url.origin().ascii_serialization());
        Self { forms: origin.ok(), ..Self::default() }
    }

    /// The same, with this script and no other.
    fn with_script(self, script: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, script.as_bytes());
        Self { script: Some(format!("sha256-{}", STANDARD.encode(hash))), ..self }
    }

    fn header(&self) -> HeaderValue {
        let forms = self.forms.as_deref().unwrap_or_default();
        let script = self.script.as_ref();
        let script = script.map(|hash| format!("script-src '{hash}'; ")).unwrap_or_default();
        let frames = self.frames.join(" ");
        let frames = if frames.is_empty() { frames } else { format!("frame-src {frames}; ") };
        let policy = format!(
            "default-src 'none'; {script}{frames}style-src 'self'; img-src 'self'; \
             form-action 'self' {forms}; frame-ancestors 'none'; base-uri 'none'"
        );
        HeaderValue::from_str(&policy).expect("origins and hashes are plain ASCII")
    }
}

/// Renders a page. Its answer is never stored, and its forms say where they come from.
fn show(status: StatusCode, page: &impl Template, policy: &Policy) -> Response {
    let html = page.render().expect("rendering into a string cannot fail");
    let headers = [(CONTENT_SECURITY_POLICY, policy.header())];
    (status, headers, Html(html)).into_response()
}

/// What every answer carries that does not say otherwise.
pub(crate) async fn with_headers(mut response: Response) -> Response {
    let headers = [
        (axum::http::header::CACHE_CONTROL, "no-store"),
        (axum::http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: under it browsers send `Origin: null` with our own forms.
        (axum::http::header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in headers {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The display name of a client of ours.
fn app_name(idp: &Idp, client_id: &str) -> &'static str {
    idp.apps().find(client_id).map_or("the application", |app| app.name)
}
