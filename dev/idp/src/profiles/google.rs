//! Google: it signs users in, and has no APIs but its own.

use serde_json::{Value, json};

use crate::behavior::{
    ApiNames, AppFacts, Behavior, FrontChannel, Machines, Paths, RefreshTokens, SignOut, StepUp,
    UnknownScopes, UserFacts,
};

pub(super) const GOOGLE: Behavior = Behavior {
    like: "google",
    // https://accounts.google.com/.well-known/openid-configuration: no end_session_endpoint. The
    // real endpoints are on several hosts.
    paths: Paths {
        folders: &[""],
        issuer: "",
        keys: "/oauth2/v3/certs",
        authorize: "/o/oauth2/v2/auth",
        token: "/token",
        userinfo: "/v1/userinfo",
        logout: None,
        par: None,
        revocation: Some("/revoke"),
    },
    api: ApiNames::None,
    aadsts: false,
    // https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
    unknown_scopes: UnknownScopes::Refused,
    offline_access: false,
    // https://developers.google.com/identity/openid-connect/openid-connect#access-type-param
    refresh_tokens: RefreshTokens::AccessType,
    // https://developers.google.com/identity/protocols/oauth2/web-server#offline
    refresh_rotates: false,
    own_api_needs_scope: false,
    sign_out_ends_refresh_tokens: false,
    step_up: StepUp::None,
    sign_out: SignOut::EndSession,
    front_channel: FrontChannel::None,
    back_channel: false,
    response_iss: false,
    pairwise: false,
    // https://cloud.google.com/docs/authentication/token-types#access
    opaque_without_api: true,
    api_needs_audience: false,
    machines: Machines::None,
    typ: Some("JWT"),
    every_token: &[],
    user_token: |_| Value::Null,
    id_token,
    app_token: |_: &AppFacts<'_>| Value::Null,
};

/// <https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload>
fn id_token(it: &UserFacts<'_>) -> Value {
    json!({
        "sub": it.sub,
        "aud": it.client_id,
        "azp": it.client_id,
        "name": it.name,
        "email": it.username,
        "email_verified": true,
        "nonce": it.nonce,
    })
}
