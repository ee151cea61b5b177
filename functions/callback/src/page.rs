//! What a person sees when a sign-in failed.

use std::time::SystemTime;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use serve::ErrorPage;
use session::{Attempt, AttemptError, ReturnTo};
use url::form_urlencoded;

use crate::{failure::Failure, rounds::Rounds};

/// The answer to a request that ends so, logged and counted as a failed round.
pub(crate) fn answer(
    failure: &Failure,
    headers: &HeaderMap,
    now: SystemTime,
    attempt: Option<&Attempt>,
) -> Response {
    failure.log();
    let rounds = Rounds::with_this_one(headers, now);
    let mut response = of(failure, rounds, attempt).into_response();
    response.headers_mut().append(SET_COOKIE, rounds.set_cookie());
    response
}

/// The page for a failure: what happened, its code, and how to go on. All of its words are ours.
fn of(failure: &Failure, rounds: Rounds, attempt: Option<&Attempt>) -> ErrorPage {
    let (status, title, sentence) = words(failure);
    let sentence = if rounds.are_many() { AGAIN_AND_AGAIN } else { sentence };
    let mut page = ErrorPage::new(status, failure.code(), title, sentence);
    if !rounds.are_many() {
        page = page.link(sign_in_again(attempt), "Sign in again");
    }
    match failure.retry_after() {
        Some(seconds) => page.retry_after(seconds.as_secs().max(1)),
        None => page,
    }
}

const AGAIN_AND_AGAIN: &str = "Signing in has failed several times in a row. Trying again right \
    away will not help. Wait some minutes; if it still fails, tell whoever runs this site the code \
    below.";

const LOST: &str = "This browser has no sign-in under way that fits. Perhaps it was begun in \
    another browser, or cookies are blocked.";

fn words(failure: &Failure) -> (StatusCode, &'static str, &'static str) {
    let bad = StatusCode::BAD_REQUEST;
    match failure {
        Failure::MalformedResponse => (
            bad,
            "Sign-in did not finish",
            "What came back from the sign-in service cannot be read.",
        ),
        Failure::StateMissing
        | Failure::Attempt(AttemptError::Missing | AttemptError::Malformed) => {
            (bad, "Sign-in did not finish", LOST)
        }
        Failure::Attempt(AttemptError::Expired) => (
            bad,
            "That took too long",
            "A sign-in must be finished within 15 minutes. Please begin again.",
        ),
        Failure::IssuerMismatch => (
            bad,
            "Sign-in did not finish",
            "The answer did not come from the sign-in service that was asked.",
        ),
        Failure::AccessDenied => (
            StatusCode::FORBIDDEN,
            "Sign-in did not finish",
            "The sign-in was canceled, or you are not allowed to sign in here.",
        ),
        Failure::InteractionRequired => {
            (bad, "Sign-in did not finish", "The sign-in service needs to ask you something first.")
        }
        Failure::ProviderError(_) => {
            (bad, "Sign-in did not work", "The sign-in service reported an error.")
        }
        Failure::AlreadyUsed => {
            (bad, "Sign-in did not finish", "This sign-in was used already. It works only once.")
        }
        Failure::CodeRefused(_) | Failure::IdTokenRefused(_) | Failure::UserinfoRefused => (
            bad,
            "Sign-in did not finish",
            "What came back from the sign-in service could not be confirmed.",
        ),
        Failure::InvalidParameter(_) => (
            bad,
            "This link does not work",
            "The link that brought you here asks for a sign-in in a way that is not possible.",
        ),
        Failure::RequestRefused(_) => (
            bad,
            "Sign-in did not begin",
            "The sign-in service does not take the request that it was sent.",
        ),
        Failure::SignInTooWeak(_) => (
            StatusCode::FORBIDDEN,
            "This sign-in is not strong enough",
            "This needs a stronger way of signing in than the one that was used, a second factor \
             for example.",
        ),
        Failure::EndedMeanwhile => (
            bad,
            "You were signed out",
            "You were signed out, here or elsewhere, while this sign-in was under way.",
        ),
        Failure::ClientRefused(_) | Failure::ProviderMalformed(_) => (
            StatusCode::BAD_GATEWAY,
            "Sign-in does not work right now",
            "This site and the sign-in service do not understand each other. It is nothing that \
             you did.",
        ),
        Failure::ProviderUnavailable { .. } | Failure::StoreUnavailable(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Sign-in does not work right now",
            "Something that signing in needs does not answer. It is nothing that you did; try \
             again in a moment.",
        ),
    }
}

/// Where to begin the same sign-in once more: to come back to the same place, and as fresh and as
/// strong as the first one had to be.
fn sign_in_again(attempt: Option<&Attempt>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(attempt) = attempt {
        if *attempt.return_to() != ReturnTo::home() {
            query.append_pair("return_to", attempt.return_to().as_str());
        }
        if let Some(age) = attempt.max_age() {
            query.append_pair("max_age", &age.as_secs().to_string());
        }
        if let Some(values) = attempt.acr_values() {
            query.append_pair("acr_values", values.as_str());
        }
    }
    let query = query.finish();
    if query.is_empty() { "/signin".to_owned() } else { format!("/signin?{query}") }
}
