//! `GET /callback`

use axum::{
    extract::State as Shared,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode, Uri,
    header::{CACHE_CONTROL, LOCATION, SET_COOKIE},
};
use relying_party::Endpoints;
use serve::{ClientInfo, PublicOrigin};
use session::{Attempt, AttemptError, Consumed, ReturnTo, SessionCookie, SessionSecret};
use url::Url;

use crate::{
    State, answer::Answer, failure::Failure, page, rounds::Rounds, signed_in, state::Parts,
};

/// Ends a sign-in: a session and the way back, or a page that says why not.
pub(crate) async fn finish(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    caller: ClientInfo,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut round =
        Round { parts: &parts, headers: &headers, caller: &caller, attempt: None, spent: None };
    let outcome = round.run(&origin, uri.query().unwrap_or_default()).await;
    let return_to = round.attempt.as_ref().map_or_else(ReturnTo::home, |it| it.return_to().clone());
    let mut response = match outcome {
        Ok(Outcome::SignedIn(secret)) => {
            let mut response = redirect(&return_to);
            let cookies = [secret.set_cookie()].into_iter().chain(Rounds::forget(&headers));
            cookies.for_each(|cookie| set_cookie(&mut response, cookie));
            response
        }
        Ok(Outcome::AlreadySignedIn) => redirect(&return_to),
        Err(failure) => page::answer(&failure, &headers, parts.clock.now(), round.attempt.as_ref()),
    };
    if let Some(state) = &round.spent {
        set_cookie(&mut response, Attempt::clear_cookie(state));
    }
    response
}

enum Outcome {
    SignedIn(SessionSecret),
    /// A replay, by somebody whose session lives.
    AlreadySignedIn,
}

/// One request, and what is known of its attempt so far.
struct Round<'a> {
    parts: &'a Parts,
    headers: &'a HeaderMap,
    caller: &'a ClientInfo,
    attempt: Option<Attempt>,
    /// The attempt that is over, and whose cookie goes. None as long as the same address may
    /// still work in a moment.
    spent: Option<session::State>,
}

impl Round<'_> {
    /// # What breaks if the order changes
    /// With the code redeemed before `state` is judged, anybody can feed us codes, their own for
    /// example, and so sign a victim in as themselves. With `iss` judged after that, a code of one
    /// provider is handed to another. With the attempt used up after the code, two requests with
    /// the same answer both go on.
    async fn run(&mut self, origin: &PublicOrigin, query: &str) -> Result<Outcome, Failure> {
        let answer = Answer::parse(query).map_err(|_| Failure::MalformedResponse)?;
        let attempt = match self.find_attempt(&answer) {
            Ok(attempt) => self.attempt.insert(attempt).clone(),
            // The cookie is gone when the attempt was used: this is what a replay looks like.
            Err(failure @ Failure::Attempt(AttemptError::Missing)) => {
                return self.replay(failure).await;
            }
            Err(failure) => return Err(failure),
        };

        let metadata = self.parts.provider.metadata().await?;
        let endpoints = Endpoints::of(metadata.document());
        judge_issuer(&answer, metadata.issuer().as_str(), &endpoints)?;

        if answer.error.is_some() || answer.code.is_none() {
            self.spent = Some(attempt.state().clone());
        }
        if let Some(error) = &answer.error {
            return Err(Failure::of_error(error));
        }
        let code = answer.code.as_deref().ok_or(Failure::MalformedResponse)?;

        let consumed = self.parts.sessions.consume_attempt(attempt.state()).await?;
        self.spent = Some(attempt.state().clone());
        match consumed {
            Consumed::Now => {}
            Consumed::Before => return self.replay(Failure::AlreadyUsed).await,
        }

        let Self { parts, headers, caller, .. } = *self;
        let session =
            signed_in::session(parts, &endpoints, origin, &attempt, code, headers, caller);
        Ok(Outcome::SignedIn(session.await?))
    }

    fn find_attempt(&mut self, answer: &Answer) -> Result<Attempt, Failure> {
        let state = answer.state.as_deref().and_then(session::State::parse);
        let state = state.ok_or(Failure::StateMissing)?;
        let found = Attempt::find(self.headers, &state, self.parts.clock.now());
        if matches!(found, Err(AttemptError::Malformed | AttemptError::Expired)) {
            self.spent = Some(state);
        }
        found.map_err(Failure::Attempt)
    }

    /// The back button, or a reload: whoever is signed in goes on, all others see the failure.
    async fn replay(&self, failure: Failure) -> Result<Outcome, Failure> {
        let signed_in = match SessionCookie::of(self.headers) {
            SessionCookie::Present(secret) => self.parts.sessions.read(&secret).await?.is_some(),
            SessionCookie::Absent | SessionCookie::Malformed => false,
        };
        if signed_in { Ok(Outcome::AlreadySignedIn) } else { Err(failure) }
    }
}

/// RFC 9207, section 2.4: `iss` must be the issuer if it is there, and must be there if the
/// provider says that it sends it.
fn judge_issuer(answer: &Answer, issuer: &str, endpoints: &Endpoints) -> Result<(), Failure> {
    match answer.iss.as_deref() {
        Some(iss) if iss == issuer => Ok(()),
        None if !endpoints.sends_iss() => Ok(()),
        _ => Err(Failure::IssuerMismatch),
    }
}

fn redirect(return_to: &ReturnTo) -> Response {
    let location = HeaderValue::from_str(return_to.as_str());
    redirection(StatusCode::SEE_OTHER, location.unwrap_or(HeaderValue::from_static("/")))
}

/// 302 to the provider.
pub(crate) fn found(url: &Url) -> Response {
    let location = HeaderValue::from_str(url.as_str()).expect("a parsed URL is printable ASCII");
    redirection(StatusCode::FOUND, location)
}

fn redirection(status: StatusCode, location: HeaderValue) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn set_cookie(response: &mut Response, cookie: HeaderValue) {
    response.headers_mut().append(SET_COOKIE, cookie);
}
