//! The tokens, version 2, with Entra's claims.

use serde_json::{Value, json};

use crate::{
    apps::{API_CLIENT_ID, App},
    fault_injection::Behavior,
    paths::TENANT_ID,
    provider::Provider,
    scopes::Scopes,
    secret,
    state::User,
};

/// The audience of access tokens for no API in particular: Microsoft Graph. No other API may
/// accept them.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// How long ID tokens live, in seconds.
const ID_TOKEN_LIFETIME: i64 = 60 * 60;

/// The event that makes a token a logout token (OpenID Connect Back-Channel Logout, section 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long a logout token lives, in seconds; section 4 of the specification asks for two
/// minutes at most.
const LOGOUT_TOKEN_LIFETIME: i64 = 2 * 60;

/// What a code or a refresh token is exchanged for.
pub(crate) struct Grant<'a> {
    pub(crate) client_id: &'static str,
    pub(crate) sid: &'a str,
    pub(crate) scopes: &'a Scopes,
    pub(crate) nonce: Option<&'a str>,
    /// `auth_time` and `acr`, for clients that asked how recent or how strong the sign-in is.
    pub(crate) auth: Option<(u64, &'static str)>,
}

/// A user's access token: `scp`, and the user's `sub` at the API.
pub(crate) fn user_access_token(idp: &Provider, user: &User, grant: &Grant<'_>) -> String {
    let api = !grant.scopes.api.is_empty();
    let audience = if api { API_CLIENT_ID } else { GRAPH };
    let scp = if api { grant.scopes.short_names() } else { "openid profile email".to_owned() };
    let claims = json!({
        "azp": grant.client_id,
        "azpacr": "1",
        "name": user.name,
        "oid": user.oid,
        "preferred_username": user.username,
        "scp": scp,
        "sid": grant.sid,
        "sub": pairwise(audience, &user.oid),
    });
    access_or_id_token(idp, audience, idp.access_token_seconds_of(&user.oid), claims)
}

/// An access token of an application that acts as itself: `roles`, and `sub` equal to `oid`.
pub(crate) fn app_access_token(idp: &Provider, app: &App) -> String {
    let claims = json!({
        "azp": app.client_id,
        "azpacr": "1",
        "idtyp": "app",
        "oid": app.object_id,
        "roles": (!app.roles.is_empty()).then_some(&app.roles),
        "sub": app.object_id,
    });
    access_or_id_token(idp, API_CLIENT_ID, idp.access_token_seconds(), claims)
}

/// An ID token. `at_hash` is absent, as in Entra's.
pub(crate) fn id_token(idp: &Provider, user: &User, grant: &Grant<'_>) -> String {
    let named = (!idp.behaves(&user.oid, Behavior::ThinIdToken)).then_some(user);
    let claims = json!({
        "oid": user.oid,
        "email": named.map(|user| &user.username),
        "name": named.map(|user| &user.name),
        "preferred_username": named.map(|user| &user.username),
        "sid": grant.sid,
        "sub": pairwise(grant.client_id, &user.oid),
        "nonce": grant.nonce,
        "auth_time": grant.auth.map(|(auth_time, _)| auth_time),
        "acr": grant.auth.map(|(_, acr)| acr),
    });
    access_or_id_token(idp, grant.client_id, ID_TOKEN_LIFETIME, claims)
}

/// A logout token (OpenID Connect Back-Channel Logout, section 2.4): with `sid` it ends one
/// sign-in, without it all of the user's.
pub(crate) fn logout_token(
    idp: &Provider,
    client_id: &str,
    oid: &str,
    sid: Option<&str>,
) -> String {
    let claims = json!({
        "sub": pairwise(client_id, oid),
        "jti": secret::guid(),
        "events": { LOGOUT_EVENT: {} },
        "sid": sid,
    });
    signed(idp, "logout+jwt", client_id, LOGOUT_TOKEN_LIFETIME, claims)
}

fn access_or_id_token(idp: &Provider, audience: &str, lifetime: i64, mut claims: Value) -> String {
    claims["nbf"] = idp.now().into();
    claims["uti"] = secret::base64url(&secret::bytes::<16>()).into();
    signed(idp, "JWT", audience, lifetime, claims)
}

/// Adds the claims that every token of the tenant has, drops those that are null, and signs.
fn signed(idp: &Provider, typ: &str, audience: &str, lifetime: i64, mut claims: Value) -> String {
    let now = idp.now();
    claims["aud"] = audience.into();
    claims["iss"] = idp.tenant.issuer.as_str().into();
    claims["iat"] = now.into();
    claims["exp"] = now.saturating_add_signed(lifetime).into();
    claims["tid"] = TENANT_ID.into();
    claims["ver"] = "2.0".into();
    if let Some(claims) = claims.as_object_mut() {
        claims.retain(|_, value| !value.is_null());
    }
    idp.keys.sign(typ, &claims)
}

/// A subject that two apps cannot compare (OpenID Connect Core, section 8.1).
pub(crate) fn pairwise(app: &str, oid: &str) -> String {
    secret::digest(&format!("{TENANT_ID} {app} {oid}"))
}
