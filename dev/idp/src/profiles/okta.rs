//! Okta, with a custom authorization server.

use serde_json::{Value, json};

use crate::behavior::{
    ApiNames, AppFacts, Behavior, FrontChannel, Machines, Paths, RefreshTokens, SignOut, StepUp,
    UnknownScopes, UserFacts,
};

pub(super) const OKTA: Behavior = Behavior {
    like: "okta",
    // https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
    paths: Paths {
        folders: &["oauth2/default"],
        issuer: "",
        keys: "/v1/keys",
        authorize: "/v1/authorize",
        token: "/v1/token",
        userinfo: "/v1/userinfo",
        logout: Some("/v1/logout"),
        par: Some("/v1/par"),
        revocation: Some("/v1/revoke"),
    },
    api: ApiNames::Fixed { audience: Some("api://default"), prefix: "" },
    aadsts: false,
    // The same page, errors: invalid_scope.
    unknown_scopes: UnknownScopes::Refused,
    offline_access: true,
    refresh_tokens: RefreshTokens::OfflineAccess,
    // https://developer.okta.com/docs/guides/refresh-tokens/main/: web apps keep theirs by default.
    refresh_rotates: false,
    own_api_needs_scope: false,
    sign_out_ends_refresh_tokens: false,
    // https://developer.okta.com/docs/guides/step-up-authentication/main/
    step_up: StepUp::AcrValues {
        password: "urn:okta:loa:1fa:any",
        second_factor: "urn:okta:loa:2fa:any",
        always: false,
    },
    // https://support.okta.com/help/s/article/the-purpose-of-id-token-hint-in-the-logout-api-and-how-does-it-affect-the-single-logout-process
    sign_out: SignOut::IdTokenHint,
    // https://developer.okta.com/docs/guides/single-logout/-/main/, with "Include user session
    // details".
    front_channel: FrontChannel::IssAndSid,
    back_channel: false,
    response_iss: false,
    pairwise: false,
    opaque_without_api: false,
    api_needs_audience: false,
    // https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/: a scope is
    // required.
    machines: Machines::RequiredScopes,
    typ: None,
    every_token: &[],
    user_token,
    id_token,
    app_token,
};

/// <https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/#access-token-payload-claims>:
/// `sub` is the login, which can change hands; `uid` is the user.
fn user_token(it: &UserFacts<'_>) -> Value {
    json!({
        "ver": 1,
        "jti": format!("AT.{}", it.token_id),
        "aud": "api://default",
        "sub": it.username.unwrap_or(it.oid),
        "cid": it.client_id,
        "uid": it.oid,
        "scp": it.scopes(),
        "auth_time": it.auth_time,
    })
}

/// The same page, #id-token-payload.
fn id_token(it: &UserFacts<'_>) -> Value {
    json!({
        "ver": 1,
        "jti": format!("ID.{}", it.token_id),
        "sub": it.oid,
        "aud": it.client_id,
        "name": it.name,
        "email": it.username,
        "preferred_username": it.username,
        "sid": it.sid,
        "idp": "00o1devidp",
        "amr": ["pwd"],
        "nonce": it.nonce,
        "auth_time": it.auth_time,
        "acr": it.acr,
    })
}

/// No `uid`, and the client is the subject.
fn app_token(it: &AppFacts<'_>) -> Value {
    json!({
        "ver": 1,
        "jti": format!("AT.{}", it.token_id),
        "aud": it.audience,
        "sub": it.client_id,
        "cid": it.client_id,
        "scp": it.permissions,
    })
}
