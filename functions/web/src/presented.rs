//! The session whose cookie came.

use session::{ReadOutcome, Session, SessionSecret, Unavailable};

use crate::{State, browser::is_of_our_provider, fault::log_table};

/// The session of that secret, if it lives. One that turns out to be over by its limits is ended,
/// and its refresh token is given back: later nobody could, because it is sealed under the cookie
/// that came just now.
pub(crate) async fn live(
    state: &State,
    secret: &SessionSecret,
) -> Result<Option<Session>, Unavailable> {
    match state.sessions().read_outcome(secret).await? {
        ReadOutcome::Live(session) => Ok(Some(session)),
        ReadOutcome::Over(_) => {
            end(state, secret).await;
            Ok(None)
        }
        ReadOutcome::None => Ok(None),
    }
}

async fn end(state: &State, secret: &SessionSecret) {
    match state.sessions().end(secret).await {
        // Whoever took it out of the table gives the token back, and nobody else.
        Ok(Some(contents)) if is_of_our_provider(state, &contents) => {
            state.give_back(&contents).await;
        }
        Ok(_) => {}
        // It is over all the same, and the table will let go of it some day.
        Err(error) => log_table(&error),
    }
}
