//! The tokens, version 2, claim by claim as Entra writes them.

use serde_json::{Value, json};

use crate::{
    apps::{API_CLIENT_ID, App},
    conduct::Oddity,
    provider::Idp,
    scopes::Scopes,
    secret,
    state::User,
    tenant::TENANT_ID,
};

/// Who gets tokens for no API in particular: Microsoft Graph, whose tokens no other API may accept.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// ID tokens are good for an hour.
const ID_TOKEN_LIFETIME: i64 = 60 * 60;

/// What a code or a refresh token is exchanged for, whoever it was given to.
pub(crate) struct Grant<'a> {
    pub(crate) client_id: &'static str,
    pub(crate) sid: &'a str,
    pub(crate) scopes: &'a Scopes,
    pub(crate) nonce: Option<&'a str>,
    /// Only for clients that asked how recent or how strong the sign-in is.
    pub(crate) strength: Option<Strength>,
}

/// How a user is signed in.
#[derive(Clone, Copy)]
pub(crate) struct Strength {
    pub(crate) auth_time: u64,
    pub(crate) acr: &'static str,
}

impl Idp {
    /// An access token for a user: `scp`, and `sub` of the user at the API.
    pub(crate) fn user_access_token(&self, user: &User, grant: &Grant<'_>) -> String {
        let api = !grant.scopes.api.is_empty();
        let audience = if api { API_CLIENT_ID } else { GRAPH };
        let scp = if api { grant.scopes.short_names() } else { "openid profile email".to_owned() };
        let mut claims = self.claims(audience, self.access_token_lifetime_of(&user.oid));
        claims["azp"] = grant.client_id.into();
        claims["azpacr"] = "1".into();
        claims["name"] = user.name.as_str().into();
        claims["oid"] = user.oid.as_str().into();
        claims["preferred_username"] = user.username.as_str().into();
        claims["scp"] = scp.into();
        claims["sid"] = grant.sid.into();
        claims["sub"] = pairwise(audience, &user.oid).into();
        self.keys().sign(&claims)
    }

    /// An access token for an application acting as itself: `roles`, and `sub` equal to `oid`.
    pub(crate) fn app_access_token(&self, app: &App) -> String {
        let mut claims = self.claims(API_CLIENT_ID, self.access_token_lifetime().cast_signed());
        claims["azp"] = app.client_id.into();
        claims["azpacr"] = "1".into();
        claims["idtyp"] = "app".into();
        claims["oid"] = app.object_id.into();
        if !app.roles.is_empty() {
            claims["roles"] = app.roles.into();
        }
        claims["sub"] = app.object_id.into();
        self.keys().sign(&claims)
    }

    /// An ID token. `at_hash` is absent, as in Entra's.
    pub(crate) fn id_token(&self, user: &User, grant: &Grant<'_>) -> String {
        let mut claims = self.claims(grant.client_id, ID_TOKEN_LIFETIME);
        claims["oid"] = user.oid.as_str().into();
        if !self.conducts().of(&user.oid).has(Oddity::ThinIdToken) {
            claims["email"] = user.username.as_str().into();
            claims["name"] = user.name.as_str().into();
            claims["preferred_username"] = user.username.as_str().into();
        }
        claims["sid"] = grant.sid.into();
        claims["sub"] = pairwise(grant.client_id, &user.oid).into();
        if let Some(nonce) = grant.nonce {
            claims["nonce"] = nonce.into();
        }
        if let Some(strength) = grant.strength {
            claims["auth_time"] = strength.auth_time.into();
            claims["acr"] = strength.acr.into();
        }
        self.keys().sign(&claims)
    }

    fn claims(&self, audience: &str, lifetime: i64) -> Value {
        let now = self.now();
        json!({
            "aud": audience,
            "iss": self.issuer(),
            "iat": now,
            "nbf": now,
            "exp": now.saturating_add_signed(lifetime),
            "tid": TENANT_ID,
            "uti": secret::base64url(&secret::bytes::<16>()),
            "ver": "2.0",
        })
    }
}

/// A subject that two apps cannot compare (OpenID Connect Core, section 8.1).
pub(crate) fn pairwise(app: &str, oid: &str) -> String {
    secret::digest(&format!("{TENANT_ID} {app} {oid}"))
}
