use axum::{
    extract,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode, header};
use relying_party::{EndSession, Endpoints};
use serve::{ErrorPage, PublicOrigin};
use session::{SessionContents, SessionCookie, SignInTransaction, random_text};

use crate::{
    State,
    current_session::{OwnPage, is_of_our_provider},
    error::{RETRY_AFTER, forget_session, log_table},
    routes::signed_out::HERE_ALONE,
};

/// `POST /signout`: ends the session here, then sends the browser on to end it at the provider.
pub(crate) async fn signout(
    extract::State(state): extract::State<State>,
    own_page: OwnPage,
    headers: HeaderMap,
) -> Response {
    let ended = match SessionCookie::of(&headers) {
        SessionCookie::Absent | SessionCookie::Malformed => Ok(None),
        SessionCookie::Present(secret) => state.client.sessions.end(&secret).await,
    };
    let ended = match ended {
        // Tokens of a provider that was configured before are nobody else's business.
        Ok(contents) => contents.filter(|contents| is_of_our_provider(&state, contents)),
        Err(error) => {
            // The session is still active: the page must say so and keep the cookie, which is
            // needed to end it.
            log_table(&error);
            return still_signed_in().into_response();
        }
    };
    // A provider that does not answer must not keep the user signed in here.
    let endpoints = tokio::time::timeout(state.client.timeouts.sign_out, state.endpoints());
    let endpoints = endpoints.await.ok().flatten();
    if let Some(contents) = &ended {
        tracing::info!(code = "signed_out", "a session was ended by its user");
        state.client.revoke(contents).await;
    }
    let target = provider_sign_out(&state, endpoints.as_ref(), ended.as_ref(), &own_page.origin);
    let mut response = forget_session(Redirect::to(target.as_deref().unwrap_or(HERE_ALONE)));
    for cookie in SignInTransaction::clear_all(&headers) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where the provider signs its user out (RP-Initiated Logout, section 2). Also asked for when
/// there was no session here: the second of two clicks must end there as well.
fn provider_sign_out(
    state: &State,
    endpoints: Option<&Endpoints>,
    ended: Option<&SessionContents>,
    origin: &PublicOrigin,
) -> Option<String> {
    let signed_out = origin.url("/signedout");
    // Comes back with the browser, and means nothing to us: there is nothing left to protect.
    let state_parameter = random_text(&*state.random);
    let request = EndSession {
        id_token_hint: ended.map(|contents| contents.id_token.as_str()),
        client_id: &state.client.client_id,
        logout_hint: ended.and_then(|contents| contents.claim("login_hint")),
        post_logout_redirect_uri: Some(&signed_out),
        state: Some(&state_parameter),
    };
    Some(request.url(state.sign_out, endpoints?)?.into())
}

fn still_signed_in() -> ErrorPage {
    ErrorPage::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "sign_out_failed",
        "You are still signed in",
        "Your session couldn't be ended. Go back and sign out again in a moment.",
    )
    .retry_after(RETRY_AFTER)
}
