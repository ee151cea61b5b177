//! The pages that a user sees if a sign-in could not start.

use std::time::Duration;

use http::StatusCode;
use serve::ErrorPage;

use crate::authorization_params::ParamsError;

const AGAIN: &str = "Try again";
/// Seconds until a retry, for an error that an administrator must fix.
const LATER: u64 = 60;

/// Also logs which parameter it was.
pub(crate) fn params_refused(error: ParamsError) -> ErrorPage {
    let (code, sentence) = match error {
        ParamsError::StepUpUnsupported => (
            "step_up_unsupported",
            "The link requires a stronger sign-in, which your sign-in service doesn't support.",
        ),
        ParamsError::Repeated(_) | ParamsError::Invalid(_) | ParamsError::Missing(_) => {
            ("invalid_parameter", "The link requests a sign-in with an invalid parameter.")
        }
    };
    tracing::info!(code, %error, "no sign-in began");
    ErrorPage::new(StatusCode::BAD_REQUEST, code, "This link doesn't work", sentence)
        .link("/signin", "Sign in")
}

const UNSUPPORTED: &str = "Sign-in starts with a link or a form. Nothing was changed.";

pub(crate) fn not_a_form() -> ErrorPage {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    ErrorPage::new(status, "not_a_form", "This request isn't supported", UNSUPPORTED)
        .link("/signin", "Sign in")
}

pub(crate) fn other_method() -> ErrorPage {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    ErrorPage::new(status, "method_not_allowed", "This request isn't supported", UNSUPPORTED)
        .link("/signin", "Sign in")
        .allowing("GET, POST")
}

pub(crate) fn too_large() -> ErrorPage {
    ErrorPage::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "This request isn't supported",
        "The form that started this sign-in is too large. Nothing was changed.",
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
        "Sign-in isn't available right now",
        "The sign-in service doesn't respond. This isn't your fault. Try again in a moment.",
    )
}
