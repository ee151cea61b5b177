//! `response_mode=form_post` (OAuth 2.0 Form Post Response Mode).

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::pages::{Policy, show};

/// Its script. Without it there is a button.
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
    let policy = Policy::leading_to(action).with_script(SCRIPT);
    show(StatusCode::OK, &FormPostPage { action, fields, script: SCRIPT }, &policy)
}
