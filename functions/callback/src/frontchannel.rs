//! `GET /frontchannel-logout`: the provider's sign-out page loads this in a frame.

use std::borrow::Cow;

use axum::{
    extract::State as Shared,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, Uri, header::CONTENT_SECURITY_POLICY};
use relying_party::issuer_origin;
use serve::ErrorPage;
use session::{BlockedSignIns, ProviderSessionKey};
use url::form_urlencoded;

use crate::{State, config::FrontchannelLogout, state::Parts};

/// Ends the sessions that came of one session at the provider (OpenID Connect Front-Channel Logout,
/// section 2). The request is unsigned: what protects a session is its `sid`, which no other site
/// and no script knows. Without it any page could sign its visitors out; `iss`, which everybody
/// knows, adds nothing to that. So `sid` is always required, and later sign-ins are not blocked.
/// Cookies don't count: browsers send none of ours into another site's frame.
pub(crate) async fn logout(Shared(State(parts)): Shared<State>, uri: Uri) -> Response {
    let Some(session) = session(&parts, uri.query().unwrap_or_default()) else {
        tracing::info!(code = "logout_malformed", "a front-channel logout was refused");
        return refused().into_response();
    };
    let blocked = BlockedSignIns::BegunBefore(parts.client.clock.now());
    match parts.client.sessions.end_provider_session(&session, blocked).await {
        Ok(ended) => {
            tracing::info!(code = "frontchannel_logout", ended, "the provider ended sessions");
            done(&parts).await
        }
        Err(cause) => {
            tracing::error!(code = "store_unavailable", %cause, "a logout could not be done");
            not_now().into_response()
        }
    }
}

/// The session that the query names, if it is one of our provider's.
fn session(parts: &Parts, query: &str) -> Option<ProviderSessionKey> {
    let issuer = parts.client.provider.issuer().as_str();
    let is_ours = match (parts.frontchannel_logout, &values(query, "iss")[..]) {
        (FrontchannelLogout::IssSid | FrontchannelLogout::Sid, [iss]) => iss == issuer,
        (FrontchannelLogout::Sid, []) => true,
        _ => false,
    };
    match &values(query, "sid")[..] {
        [sid] if is_ours && !sid.is_empty() => Some(ProviderSessionKey::new(issuer, sid)),
        _ => None,
    }
}

/// All values of a parameter.
fn values<'q>(query: &'q str, name: &str) -> Vec<Cow<'q, str>> {
    let values = form_urlencoded::parse(query.as_bytes()).filter(|(of, _)| of == name);
    values.map(|(_, value)| value).collect()
}

/// The one page that may be framed, by the provider alone. It shows nothing and does nothing, so
/// there is nothing in it that a frame could make somebody click.
async fn done(parts: &Parts) -> Response {
    let page = "<!doctype html>\n<html lang=\"en\">\n<title>Signed out</title>\n</html>\n";
    let mut response = Html(page).into_response();
    let policy = format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors {}",
        ancestors(parts).await
    );
    let policy = HeaderValue::try_from(policy).expect("an origin is written in ASCII");
    let resource_policy = HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().extend([
        (CONTENT_SECURITY_POLICY, policy),
        // A page that isolates itself (COEP) could not load it otherwise.
        (resource_policy, HeaderValue::from_static("cross-origin")),
    ]);
    response
}

/// The origins of the issuer and of the provider's sign-out page, which contains the frame. With
/// Entra, they differ.
async fn ancestors(parts: &Parts) -> String {
    let sign_out = parts.client.sign_out_origin().await;
    let issuer = issuer_origin(parts.client.provider.issuer());
    let mut origins = vec![issuer.ascii_serialization(), sign_out.ascii_serialization()];
    origins.dedup();
    origins.join(" ")
}

fn refused() -> ErrorPage {
    ErrorPage::new(
        StatusCode::BAD_REQUEST,
        "logout_malformed",
        "No session was ended",
        "Only the sign-in service uses this address. It must name the session to end.",
    )
}

fn not_now() -> ErrorPage {
    ErrorPage::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store_unavailable",
        "You are still signed in here",
        "Your session couldn't be ended. Sign out on this site as well.",
    )
    .retry_after(2)
}
