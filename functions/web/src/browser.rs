//! The session that a browser's request is made in.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{header, request::Parts};
use serve::{PublicOrigin, same_origin};
use session::{Session, SessionContents, SessionCookie, SessionSecret, UserKey};

use crate::{State, fault::Fault, presented};

/// A request that shows that our own page made it. Whoever takes this cannot be reached by a
/// form or script of another site.
#[derive(Debug)]
pub(crate) struct OwnPage {
    pub(crate) origin: PublicOrigin,
}

impl FromRequestParts<State> for OwnPage {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Fault> {
        let Ok(origin) = PublicOrigin::from_request_parts(parts, state).await;
        same_origin::require(&parts.headers, &origin)?;
        Ok(Self { origin })
    }
}

/// A request of our own page, made in a session that lives.
pub(crate) struct SignedIn {
    pub(crate) secret: SessionSecret,
    pub(crate) session: Session,
    pub(crate) user: UserKey,
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Fault> {
        let SessionCookie::Present(secret) = SessionCookie::of(&parts.headers) else {
            return Err(Fault::SignedOut);
        };
        OwnPage::from_request_parts(parts, state).await?;
        let session = presented::live(state, &secret).await?;
        let session = session.filter(|session| is_usable(state, session));
        let session = session.ok_or(Fault::SignedOut)?;
        let contents = session.contents();
        let (issuer, subject) = (contents.claim("iss"), contents.claim("sub"));
        let user = issuer.zip(subject).map(|(issuer, subject)| UserKey::new(issuer, subject));
        Ok(Self { user: user.ok_or(Fault::SignedOut)?, secret, session })
    }
}

/// Whether this is a session that anybody can do anything with: one of the provider that is
/// configured now (its tokens must not be sent to another), with an access token that is good or
/// can be replaced.
pub(crate) fn is_usable(state: &State, session: &Session) -> bool {
    let contents = session.contents();
    is_of_our_provider(state, contents)
        && (contents.access_is_good(state.clock().now()) || contents.refresh_token.is_some())
}

/// Lets only a session pass whose user signed in lately, and as strongly as is configured, for what
/// an unlocked computer alone must not be enough for.
///
/// # Errors
/// 401 `sign_in_again` with the parameters of a sign-in that would do.
pub(crate) fn require_step_up(state: &State, session: &Session) -> Result<(), Fault> {
    Ok(state.step_up().judge(session, state.clock().now())?)
}

pub(crate) fn is_of_our_provider(state: &State, contents: &SessionContents) -> bool {
    contents.claim("iss") == Some(state.provider().issuer().as_str())
}

/// The answer, and the browser forgets the session.
pub(crate) fn forgetting(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().append(header::SET_COOKIE, SessionCookie::clear());
    response
}
