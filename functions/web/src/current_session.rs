//! The session of a browser's request.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serve::{PublicOrigin, same_origin};
use session::{
    ReadOutcome, Session, SessionContents, SessionCookie, SessionSecret, StoreError, UserKey,
};

use crate::{
    State,
    error::{WebError, log_table},
};

/// A request with evidence that our own page sent it, and no form or script of another site.
#[derive(Debug)]
pub(crate) struct OwnPage {
    pub(crate) origin: PublicOrigin,
}

impl FromRequestParts<State> for OwnPage {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        let Ok(origin) = PublicOrigin::from_request_parts(parts, state).await;
        same_origin::require(&parts.headers, &origin)?;
        Ok(Self { origin })
    }
}

/// A request of our own page with an active session.
pub(crate) struct SignedIn {
    pub(crate) secret: SessionSecret,
    pub(crate) session: Session,
    pub(crate) user: UserKey,
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, WebError> {
        let SessionCookie::Present(secret) = SessionCookie::of(&parts.headers) else {
            return Err(WebError::SignedOut);
        };
        OwnPage::from_request_parts(parts, state).await?;
        let session = find(state, &secret).await?;
        let session = session.filter(|session| is_usable(state, session));
        let session = session.ok_or(WebError::SignedOut)?;
        let contents = session.contents();
        let (issuer, subject) = (contents.claim("iss"), contents.claim("sub"));
        let user = issuer.zip(subject).map(|(issuer, subject)| UserKey::new(issuer, subject));
        Ok(Self { user: user.ok_or(WebError::SignedOut)?, secret, session })
    }
}

/// Whether the session belongs to the configured provider (its tokens must not be sent to another)
/// and has an access token that is valid or can be refreshed.
pub(crate) fn is_usable(state: &State, session: &Session) -> bool {
    let contents = session.contents();
    is_of_our_provider(state, contents)
        && (contents.access_token_is_valid(state.client.clock.now())
            || contents.refresh_token.is_some())
}

/// Requires a recent and strong enough sign-in, for actions that an unlocked computer alone must not
/// allow.
///
/// # Errors
/// 401 `sign_in_again` with the parameters of a sign-in that would do.
pub(crate) fn require_step_up(state: &State, session: &Session) -> Result<(), WebError> {
    Ok(state.step_up.judge(session, state.client.clock.now())?)
}

pub(crate) fn is_of_our_provider(state: &State, contents: &SessionContents) -> bool {
    contents.claim("iss") == Some(state.client.provider.issuer().as_str())
}

/// The active session of that secret. Ends an expired one and revokes its refresh token, which can
/// only be decrypted with the cookie of this request.
pub(crate) async fn find(
    state: &State,
    secret: &SessionSecret,
) -> Result<Option<Session>, StoreError> {
    match state.client.sessions.read_outcome(secret).await? {
        ReadOutcome::Active(session) => Ok(Some(session)),
        ReadOutcome::Expired(_) => {
            end_expired(state, secret).await;
            Ok(None)
        }
        ReadOutcome::NotFound => Ok(None),
    }
}

async fn end_expired(state: &State, secret: &SessionSecret) {
    match state.client.sessions.end(secret).await {
        // Only the request that deleted the row revokes the token.
        Ok(Some(contents)) if is_of_our_provider(state, &contents) => {
            state.client.revoke(&contents).await;
        }
        Ok(_) => {}
        // It has expired in any case, and the table's TTL deletes it.
        Err(error) => log_table(&error),
    }
}
