//! The page between a sign-out and what comes after it: it frames what clients registered
//! (OpenID Connect Front-Channel Logout, section 3).

use askama::Template;
use axum::{http::StatusCode, response::Response};
use url::Url;

use crate::pages::{Policy, show};

/// Goes on when all frames are there, or after a while. In place of this page, so that the
/// back button does not lead here. Without the script there is a link.
const SCRIPT: &str = "const go = () => location.replace(document.getElementById('continue').href); \
    addEventListener('load', go); setTimeout(go, 4000);";

#[derive(Template)]
#[template(path = "signing_out.html")]
struct SigningOutPage {
    frames: Vec<Url>,
    next: String,
    script: &'static str,
}

/// A page that frames these addresses and leads on.
pub(crate) fn page(frames: Vec<Url>, next: String) -> Response {
    let policy = Policy {
        frames: frames.iter().map(address).collect(),
        ..Policy::default().with_script(SCRIPT)
    };
    show(StatusCode::OK, &SigningOutPage { frames, next, script: SCRIPT }, &policy)
}

/// What a policy compares: a query in it would be ignored.
fn address(frame: &Url) -> String {
    let mut address = frame.clone();
    address.set_query(None);
    address.into()
}
