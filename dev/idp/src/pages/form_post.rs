//! `response_mode=form_post` (OAuth 2.0 Form Post Response Mode).

use askama::Template;
use aws_lc_rs::digest;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::pages::{Policy, show};

/// The one script of the provider. Without it there is a button.
const SCRIPT: &str = "document.forms[0].submit()";

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    action: &'a str,
    fields: &'a [(&'static str, String)],
    script: &'static str,
}

/// A page that posts the answer to the client.
pub(crate) fn page(action: &str, fields: &[(&'static str, String)]) -> Response {
    let hash = digest::digest(&digest::SHA256, SCRIPT.as_bytes());
    let policy = Policy {
        script: Some(format!("sha256-{}", STANDARD.encode(hash))),
        ..Policy::leading_to(action)
    };
    show(StatusCode::OK, &FormPostPage { action, fields, script: SCRIPT }, &policy)
}
