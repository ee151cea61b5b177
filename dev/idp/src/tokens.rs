//! The tokens, with the claims that the provider gives them.

use serde_json::{Value, json};

use crate::{
    apps::{App, ORDERS_CLIENT_ID, ORDERS_SCOPES, WEB_CLIENT_ID},
    behavior::{AppFacts, Machines, UserFacts},
    fault_injection::Fault,
    provider::Provider,
    scopes::Scopes,
    secret,
    state::User,
};

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
    /// How the user signed in, unless this is a refresh.
    pub(crate) auth: Option<Auth<'a>>,
}

/// How a user signed in.
pub(crate) struct Auth<'a> {
    pub(crate) time: u64,
    /// Whether the client asked how recent or strong the sign-in is.
    pub(crate) is_asked: bool,
    pub(crate) acr: Option<&'static str>,
    pub(crate) acrs: Vec<&'a str>,
}

/// A user's access token.
pub(crate) fn user_access_token(idp: &Provider, user: &User, grant: &Grant<'_>) -> String {
    let lifetime = idp.access_token_seconds_of(&user.oid);
    if idp.behavior.opaque_without_api && grant.scopes.api.is_empty() {
        return idp.pending.issue_opaque_token(&user.oid, grant.client_id, lifetime);
    }
    let facts = facts(idp, user, grant, Some(user));
    // The subject at the API, which is not the client's.
    let sub = idp.subject(facts.audience.unwrap_or_default(), &user.oid);
    access_or_id_token(idp, lifetime, (idp.behavior.user_token)(&UserFacts { sub, ..facts }))
}

/// An access token of the web app for a user, with all scopes of the API, or of the second one.
pub(crate) fn user_api_token(idp: &Provider, user: &User, is_orders: bool) -> String {
    let api = if is_orders {
        ORDERS_SCOPES.map(str::to_owned).into()
    } else {
        permissions::all().map(|it| it.scope.to_owned()).collect()
    };
    let scopes = Scopes { openid: true, api, is_orders, ..Scopes::default() };
    let (client_id, sid) = (WEB_CLIENT_ID, &secret::guid());
    let grant = Grant { client_id, sid, scopes: &scopes, nonce: None, auth: None };
    user_access_token(idp, user, &grant)
}

/// An access token of an application that acts as itself, with these permissions.
pub(crate) fn app_access_token(idp: &Provider, app: &App, roles: &[&str]) -> String {
    let audience = idp.api.audience().unwrap_or_default();
    let permissions = roles.iter().map(|role| idp.api.name_in_tokens(role)).collect();
    app_token(idp, app, audience, permissions)
}

/// The same for the second API, with all that it was granted there.
pub(crate) fn app_orders_token(idp: &Provider, app: &App) -> String {
    let permissions = app.orders_roles.iter().map(|role| (*role).to_owned()).collect();
    app_token(idp, app, ORDERS_CLIENT_ID, permissions)
}

fn app_token(idp: &Provider, app: &App, audience: &str, permissions: Vec<String>) -> String {
    assert!(idp.behavior.machines != Machines::None, "this provider has no machine clients");
    let claims = (idp.behavior.app_token)(&AppFacts {
        now: idp.now(),
        token_id: token_id(),
        client_id: app.client_id,
        audience,
        object_id: app.object_id,
        permissions,
    });
    access_or_id_token(idp, idp.access_token_seconds(), claims)
}

/// An ID token.
pub(crate) fn id_token(idp: &Provider, user: &User, grant: &Grant<'_>) -> String {
    let named = (!idp.has_fault(&user.oid, Fault::ThinIdToken)).then_some(user);
    let claims = (idp.behavior.id_token)(&facts(idp, user, grant, named));
    access_or_id_token(idp, ID_TOKEN_LIFETIME, claims)
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
        "aud": client_id,
        "sub": idp.subject(client_id, oid),
        "jti": secret::guid(),
        "events": { LOGOUT_EVENT: {} },
        "sid": sid,
    });
    signed(idp, Some("logout+jwt"), LOGOUT_TOKEN_LIFETIME, claims)
}

fn facts<'a>(
    idp: &'a Provider,
    user: &'a User,
    grant: &'a Grant<'_>,
    named: Option<&'a User>,
) -> UserFacts<'a> {
    let scopes = grant.scopes;
    UserFacts {
        now: idp.now(),
        token_id: token_id(),
        client_id: grant.client_id,
        audience: idp.api.audience_of(scopes),
        issuer: &idp.tenant.issuer,
        oid: &user.oid,
        sub: idp.subject(grant.client_id, &user.oid),
        name: named.map(|user| user.name.as_str()),
        username: named.map(|user| user.username.as_str()),
        sid: grant.sid,
        identity_scopes: scopes.identity(),
        api_scopes: scopes.api.iter().map(|short| idp.api.name_in_tokens(short)).collect(),
        nonce: grant.nonce,
        auth_time: grant.auth.as_ref().map(|auth| auth.time),
        is_auth_asked: grant.auth.as_ref().is_some_and(|auth| auth.is_asked),
        acr: grant.auth.as_ref().and_then(|auth| auth.acr),
        acrs: grant.auth.as_ref().map(|auth| auth.acrs.clone()).unwrap_or_default(),
    }
}

fn token_id() -> String {
    secret::base64url(&secret::bytes::<16>())
}

fn access_or_id_token(idp: &Provider, lifetime: i64, claims: Value) -> String {
    signed(idp, idp.behavior.typ, lifetime, claims)
}

/// Adds the claims that every token has, drops those that are null, and signs.
fn signed(idp: &Provider, typ: Option<&str>, lifetime: i64, mut claims: Value) -> String {
    let now = idp.now();
    claims["iss"] = idp.tenant.issuer.as_str().into();
    claims["iat"] = now.into();
    claims["exp"] = now.saturating_add_signed(lifetime).into();
    for (name, value) in idp.behavior.every_token {
        claims[*name] = (*value).into();
    }
    if let Some(claims) = claims.as_object_mut() {
        claims.retain(|_, value| !value.is_null());
    }
    idp.keys.sign(typ, &claims)
}
