//! What a person sees when no sign-in began.

use std::time::Duration;

use http::StatusCode;
use serve::ErrorPage;

const AGAIN: &str = "Try again";
/// Seconds until it makes sense to ask again what somebody must repair first.
const LATER: u64 = 60;

pub(crate) fn invalid_parameter() -> ErrorPage {
    ErrorPage::new(
        StatusCode::BAD_REQUEST,
        "invalid_parameter",
        "This link does not work",
        "The link that brought you here asks for a sign-in in a way that is not possible.",
    )
    .link("/signin", "Sign in")
}

const NEITHER: &str = "A sign-in can be begun by a link or by a form, and this was neither.";

pub(crate) fn not_a_form() -> ErrorPage {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    ErrorPage::new(status, "not_a_form", "That is not possible here", NEITHER)
        .link("/signin", "Sign in")
}

pub(crate) fn other_method() -> ErrorPage {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    ErrorPage::new(status, "method_not_allowed", "That is not possible here", NEITHER)
        .link("/signin", "Sign in")
        .allowing("GET, POST")
}

pub(crate) fn too_large() -> ErrorPage {
    ErrorPage::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "That is not possible here",
        "The form that brought you here is too large.",
    )
    .link("/signin", "Sign in")
}

pub(crate) fn provider_unavailable(retry_after: Duration, address: String) -> ErrorPage {
    unavailable("provider_unavailable")
        .link(address, AGAIN)
        .retry_after(retry_after.as_secs().max(1))
}

pub(crate) fn provider_unusable() -> ErrorPage {
    unavailable("provider_unusable").link("/signin", AGAIN).retry_after(LATER)
}

fn unavailable(code: &'static str) -> ErrorPage {
    ErrorPage::new(
        StatusCode::SERVICE_UNAVAILABLE,
        code,
        "Sign-in does not work right now",
        "The sign-in service does not answer. It is nothing that you did; try again in a moment.",
    )
}
