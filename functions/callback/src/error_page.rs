//! The page that a user sees when a sign-in failed.

use std::time::SystemTime;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use serve::ErrorPage;
use session::{ReturnTo, SignInTransaction, TransactionError};
use url::form_urlencoded;

use crate::{error::SignInError, retry_limit::FailedSignIns};

/// Responds with an error page, logs the error and counts it towards the retry limit, unless the
/// user cancelled: that is no failure, and they may want to begin again.
pub(crate) fn respond(
    error: &SignInError,
    headers: &HeaderMap,
    now: SystemTime,
    transaction: Option<&SignInTransaction>,
) -> Response {
    error.log();
    let counts = !matches!(error, SignInError::AccessDenied);
    let failed = counts.then(|| FailedSignIns::with_this_failure(headers, now));
    let is_limit_reached = failed.is_some_and(FailedSignIns::is_limit_reached);
    let mut response = error_page(error, is_limit_reached, transaction).into_response();
    response.headers_mut().extend(failed.map(|failed| (SET_COOKIE, failed.set_cookie())));
    response
}

/// The page says what happened and what to do next. It contains no text of the provider.
fn error_page(
    error: &SignInError,
    is_limit_reached: bool,
    transaction: Option<&SignInTransaction>,
) -> ErrorPage {
    let (status, title, sentence) = texts(error);
    let sentence = if is_limit_reached { TOO_MANY_FAILURES } else { sentence };
    let mut page = ErrorPage::new(status, error.code(), title, sentence);
    if !is_limit_reached {
        page = page.link(sign_in_again(transaction), "Sign in again");
    }
    match error.retry_after() {
        Some(seconds) => page.retry_after(seconds.as_secs().max(1)),
        None => page,
    }
}

const TOO_MANY_FAILURES: &str = "Sign-in has failed several times in a row. Wait a few minutes, \
    then try again. If it still fails, give the code below to the site's administrator.";

const LOST: &str = "This browser has no matching sign-in in progress. It may have been started in \
    another browser, or cookies are blocked.";

fn texts(error: &SignInError) -> (StatusCode, &'static str, &'static str) {
    let bad = StatusCode::BAD_REQUEST;
    match error {
        SignInError::MalformedResponse => {
            (bad, "Sign-in didn't finish", "The response of the sign-in service can't be read.")
        }
        SignInError::StateMissing
        | SignInError::Transaction(TransactionError::Missing | TransactionError::Malformed) => {
            (bad, "Sign-in didn't finish", LOST)
        }
        SignInError::Transaction(TransactionError::Expired) => (
            bad,
            "Sign-in took too long",
            "A sign-in must be finished within 15 minutes. Sign in again.",
        ),
        SignInError::IssuerMismatch => {
            (bad, "Sign-in didn't finish", "The response came from a different sign-in service.")
        }
        SignInError::AccessDenied => (
            StatusCode::FORBIDDEN,
            "Sign-in didn't finish",
            "You canceled the sign-in, or your account doesn't have access to this site.",
        ),
        SignInError::InteractionRequired => {
            (bad, "Sign-in didn't finish", "The sign-in service needs your input first.")
        }
        SignInError::ProviderError(_) => {
            (bad, "Sign-in failed", "The sign-in service reported an error.")
        }
        SignInError::AlreadyUsed => {
            (bad, "Sign-in didn't finish", "This sign-in was already used. It works only once.")
        }
        SignInError::CodeRefused(_)
        | SignInError::IdTokenRefused(_)
        | SignInError::UserinfoRefused => (
            bad,
            "Sign-in didn't finish",
            "The response of the sign-in service couldn't be verified.",
        ),
        SignInError::InvalidParameter(_) => (
            bad,
            "This link doesn't work",
            "The link requests a sign-in with an invalid parameter.",
        ),
        SignInError::RequestRefused(_) => {
            (bad, "Sign-in didn't start", "The sign-in service rejected the request.")
        }
        SignInError::SignInTooWeak(_) => (
            StatusCode::FORBIDDEN,
            "A stronger sign-in is required",
            "This action requires a stronger sign-in, such as with a second factor.",
        ),
        SignInError::EndedMeanwhile => (
            bad,
            "You were signed out",
            "You were signed out, here or elsewhere, while this sign-in was in progress.",
        ),
        SignInError::ClientRefused(_) | SignInError::ProviderMalformed(_) => (
            StatusCode::BAD_GATEWAY,
            "Sign-in isn't available right now",
            "Sign-in is misconfigured. This isn't your fault. Give the code below to the site's \
             administrator.",
        ),
        SignInError::ProviderUnavailable { .. } | SignInError::StoreUnavailable(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Sign-in isn't available right now",
            "A service that sign-in needs doesn't respond. This isn't your fault. Try again in a \
             moment.",
        ),
    }
}

/// The URL that starts the same sign-in again, with the same destination and requirements.
fn sign_in_again(transaction: Option<&SignInTransaction>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(transaction) = transaction {
        if *transaction.return_to() != ReturnTo::home() {
            query.append_pair("return_to", transaction.return_to().as_str());
        }
        if let Some(age) = transaction.max_age() {
            query.append_pair("max_age", &age.as_secs().to_string());
        }
        if let Some(values) = transaction.acr_values() {
            query.append_pair("acr_values", values.as_str());
        }
    }
    let query = query.finish();
    if query.is_empty() { "/signin".to_owned() } else { format!("/signin?{query}") }
}
