//! `GET /callback`

use axum::{
    extract::State as Shared,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode, Uri,
    header::{CACHE_CONTROL, LOCATION, SET_COOKIE},
};
use relying_party::AuthorizationResponse;
use serve::{ClientInfo, PublicOrigin};
use session::{
    Consumed, ReturnTo, SessionCookie, SessionSecret, SignInTransaction, TransactionError,
};
use url::Url;

use crate::{
    State, error::SignInError, error_page, new_session, retry_limit::FailedSignIns, state::Parts,
};

/// Completes a sign-in: creates a session and redirects, or shows an error page.
pub(crate) async fn callback(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    caller: ClientInfo,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut request = CallbackRequest {
        parts: &parts,
        headers: &headers,
        caller: &caller,
        transaction: None,
        spent: None,
    };
    let outcome = request.run(&origin, uri.query().unwrap_or_default()).await;
    let return_to =
        request.transaction.as_ref().map_or_else(ReturnTo::home, |it| it.return_to().clone());
    let mut response = match outcome {
        Ok(Outcome::SignedIn(secret)) => {
            let mut response = redirect(&return_to);
            let cookies = [secret.set_cookie()].into_iter().chain(FailedSignIns::clear(&headers));
            cookies.for_each(|cookie| set_cookie(&mut response, cookie));
            response
        }
        Ok(Outcome::AlreadySignedIn) => redirect(&return_to),
        Err(error) => error_page::respond(
            &error,
            &headers,
            parts.client.clock.now(),
            request.transaction.as_ref(),
        ),
    };
    if let Some(state) = &request.spent {
        set_cookie(&mut response, SignInTransaction::clear_cookie(state));
    }
    response
}

enum Outcome {
    SignedIn(SessionSecret),
    /// A replay in a browser with an active session.
    AlreadySignedIn,
}

/// One request, and its transaction once it is found.
struct CallbackRequest<'a> {
    parts: &'a Parts,
    headers: &'a HeaderMap,
    caller: &'a ClientInfo,
    transaction: Option<SignInTransaction>,
    /// The transaction whose cookie is deleted. `None` while a retry of the same URL may succeed.
    spent: Option<session::OAuthState>,
}

impl CallbackRequest<'_> {
    /// # What breaks if the order changes
    /// If the code were redeemed before `state` is checked, attackers could sign a victim in with
    /// their own code. If `iss` were checked later, one provider's code would be sent to another.
    /// If the transaction were consumed after the code is redeemed, two requests with the same
    /// response would both continue.
    async fn run(&mut self, origin: &PublicOrigin, query: &str) -> Result<Outcome, SignInError> {
        let authorization_response =
            AuthorizationResponse::parse(query).map_err(|_| SignInError::MalformedResponse)?;
        let transaction = match self.find_transaction(&authorization_response) {
            Ok(transaction) => self.transaction.insert(transaction).clone(),
            // A replay: the cookie was deleted when the transaction was used.
            Err(error @ SignInError::Transaction(TransactionError::Missing)) => {
                return self.replay(error).await;
            }
            Err(error) => return Err(error),
        };

        let discovery = &self.parts.client.discovery;
        let endpoints = discovery.endpoints().await?;
        if !authorization_response.is_from(discovery.issuer().as_str(), &endpoints) {
            return Err(SignInError::IssuerMismatch);
        }

        if authorization_response.error.is_some() || authorization_response.code.is_none() {
            self.spent = Some(transaction.state().clone());
        }
        if let Some(error) = &authorization_response.error {
            return Err(SignInError::from_error_parameter(error));
        }
        let code = authorization_response.code.as_deref().ok_or(SignInError::MalformedResponse)?;

        let consumed = self.parts.client.sessions.consume_transaction(transaction.state()).await?;
        self.spent = Some(transaction.state().clone());
        match consumed {
            Consumed::FirstUse => {}
            Consumed::AlreadyUsed => return self.replay(SignInError::AlreadyUsed).await,
        }

        let Self { parts, headers, caller, .. } = *self;
        let session =
            new_session::create(parts, &endpoints, origin, &transaction, code, headers, caller);
        Ok(Outcome::SignedIn(session.await?))
    }

    fn find_transaction(
        &mut self,
        authorization_response: &AuthorizationResponse,
    ) -> Result<SignInTransaction, SignInError> {
        let state = authorization_response.state.as_deref().and_then(session::OAuthState::parse);
        let state = state.ok_or(SignInError::StateMissing)?;
        let found = SignInTransaction::find(self.headers, &state, self.parts.client.clock.now());
        if matches!(found, Err(TransactionError::Malformed | TransactionError::Expired)) {
            self.spent = Some(state);
        }
        found.map_err(SignInError::Transaction)
    }

    /// The back button or a reload: a signed-in browser continues, others see the error.
    async fn replay(&self, error: SignInError) -> Result<Outcome, SignInError> {
        let signed_in = match SessionCookie::of(self.headers) {
            SessionCookie::Present(secret) => {
                self.parts.client.sessions.read(&secret).await?.is_some()
            }
            SessionCookie::Absent | SessionCookie::Malformed => false,
        };
        if signed_in { Ok(Outcome::AlreadySignedIn) } else { Err(error) }
    }
}

fn redirect(return_to: &ReturnTo) -> Response {
    let location = HeaderValue::from_str(return_to.as_str());
    redirection(StatusCode::SEE_OTHER, location.unwrap_or(HeaderValue::from_static("/")))
}

/// 302.
pub(crate) fn redirect_to_provider(url: &Url) -> Response {
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
