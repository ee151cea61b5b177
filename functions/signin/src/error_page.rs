//! What a person sees when no sign-in began.

use std::time::Duration;

use http::StatusCode;
use serve::ErrorPage;

use crate::authorization_params::ParamsError;

const AGAIN: &str = "Try again";
/// Seconds until it makes sense to ask again what somebody must repair first.
const LATER: u64 = 60;

/// Logs which parameter it was, too.
pub(crate) fn params_refused(error: ParamsError) -> ErrorPage {
    let (code, sentence) = match error {
        ParamsError::StepUpUnsupported => (
            "step_up_unsupported",
            "The link that brought you here asks for a stronger sign-in, which the sign-in service \
             does not offer.",
        ),
        ParamsError::Repeated(_) | ParamsError::Invalid(_) | ParamsError::Missing(_) => (
            "invalid_parameter",
            "The link that brought you here asks for a sign-in in a way that is not possible.",
        ),
    };
    tracing::info!(code, %error, "no sign-in began");
    ErrorPage::new(StatusCode::BAD_REQUEST, code, "This link does not work", sentence)
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
