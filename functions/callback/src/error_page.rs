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

const TOO_MANY_FAILURES: &str = "Signing in has failed several times in a row. Trying again right \
    away will not help. Wait some minutes; if it still fails, tell whoever runs this site the code \
    below.";

const LOST: &str = "This browser has no sign-in under way that fits. Perhaps it was begun in \
    another browser, or cookies are blocked.";

fn texts(error: &SignInError) -> (StatusCode, &'static str, &'static str) {
    let bad = StatusCode::BAD_REQUEST;
    match error {
        SignInError::MalformedResponse => (
            bad,
            "Sign-in did not finish",
            "What came back from the sign-in service cannot be read.",
        ),
        SignInError::StateMissing
        | SignInError::Transaction(TransactionError::Missing | TransactionError::Malformed) => {
            (bad, "Sign-in did not finish", LOST)
        }
        SignInError::Transaction(TransactionError::Expired) => (
            bad,
            "That took too long",
            "A sign-in must be finished within 15 minutes. Please begin again.",
        ),
        SignInError::IssuerMismatch => (
            bad,
            "Sign-in did not finish",
            "The answer did not come from the sign-in service that was asked.",
        ),
        SignInError::AccessDenied => (
            StatusCode::FORBIDDEN,
            "Sign-in did not finish",
            "The sign-in was canceled, or you are not allowed to sign in here.",
        ),
        SignInError::InteractionRequired => {
            (bad, "Sign-in did not finish", "The sign-in service needs to ask you something first.")
        }
        SignInError::ProviderError(_) => {
            (bad, "Sign-in did not work", "The sign-in service reported an error.")
        }
        SignInError::AlreadyUsed => {
            (bad, "Sign-in did not finish", "This sign-in was used already. It works only once.")
        }
        SignInError::CodeRefused(_)
        | SignInError::IdTokenRefused(_)
        | SignInError::UserinfoRefused => (
            bad,
            "Sign-in did not finish",
            "What came back from the sign-in service could not be confirmed.",
        ),
        SignInError::InvalidParameter(_) => (
            bad,
            "This link does not work",
            "The link that brought you here asks for a sign-in in a way that is not possible.",
        ),
        SignInError::RequestRefused(_) => (
            bad,
            "Sign-in did not begin",
            "The sign-in service does not take the request that it was sent.",
        ),
        SignInError::SignInTooWeak(_) => (
            StatusCode::FORBIDDEN,
            "This sign-in is not strong enough",
            "This needs a stronger way of signing in than the one that was used, a second factor \
             for example.",
        ),
        SignInError::EndedMeanwhile => (
            bad,
            "You were signed out",
            "You were signed out, here or elsewhere, while this sign-in was under way.",
        ),
        SignInError::ClientRefused(_) | SignInError::ProviderMalformed(_) => (
            StatusCode::BAD_GATEWAY,
            "Sign-in does not work right now",
            "Sign-in is misconfigured. This isn't your fault.",
        ),
        SignInError::ProviderUnavailable { .. } | SignInError::StoreUnavailable(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Sign-in does not work right now",
            "Something that signing in needs does not answer. It is nothing that you did; try \
             again in a moment.",
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
