//! Amazon Cognito user pools.

use serde_json::{Value, json};

use crate::behavior::{
    ApiNames, AppFacts, Behavior, FrontChannel, Machines, Paths, RefreshTokens, SignOut, StepUp,
    UnknownScopes, UserFacts,
};

pub(super) const COGNITO: Behavior = Behavior {
    like: "cognito",
    // https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html. The
    // real issuer and the real endpoints are on two hosts.
    paths: Paths {
        folders: &[""],
        issuer: "/eu-central-1_DevPool01",
        keys: "/eu-central-1_DevPool01/.well-known/jwks.json",
        authorize: "/oauth2/authorize",
        token: "/oauth2/token",
        userinfo: "/oauth2/userInfo",
        logout: Some("/logout"),
        par: None,
        revocation: Some("/oauth2/revoke"),
    },
    // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
    // and …/amazon-cognito-user-pools-using-the-access-token.html: client_id and no aud.
    api: ApiNames::Fixed { audience: None, prefix: "todos/" },
    aadsts: false,
    // https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html:
    // invalid_scope; offline_access is none of its scopes.
    unknown_scopes: UnknownScopes::Refused,
    offline_access: false,
    // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
    refresh_tokens: RefreshTokens::Always,
    // The same page: without refresh token rotation, which is off by default.
    refresh_rotates: false,
    own_api_needs_scope: false,
    sign_out_ends_refresh_tokens: false,
    step_up: StepUp::None,
    // https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    sign_out: SignOut::LogoutUri,
    front_channel: FrontChannel::None,
    back_channel: false,
    response_iss: false,
    pairwise: false,
    opaque_without_api: false,
    api_needs_audience: false,
    // https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html: without scope,
    // all scopes of the client.
    machines: Machines::Scopes,
    typ: None,
    every_token: &[],
    user_token,
    id_token,
    app_token,
};

/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
fn user_token(it: &UserFacts<'_>) -> Value {
    json!({
        "sub": it.oid,
        "client_id": it.client_id,
        "token_use": "access",
        "scope": it.scopes().join(" "),
        "auth_time": it.auth_time,
        "username": it.oid,
        "version": 2,
        "jti": it.token_id,
    })
}

/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>
fn id_token(it: &UserFacts<'_>) -> Value {
    json!({
        "sub": it.oid,
        "aud": it.client_id,
        "token_use": "id",
        "cognito:username": it.oid,
        "name": it.name,
        "email": it.username,
        "nonce": it.nonce,
        "auth_time": it.auth_time,
        "jti": it.token_id,
    })
}

/// The subject is the client.
fn app_token(it: &AppFacts<'_>) -> Value {
    json!({
        "sub": it.client_id,
        "client_id": it.client_id,
        "token_use": "access",
        "scope": it.permissions.join(" "),
        "auth_time": it.now,
        "version": 2,
        "jti": it.token_id,
    })
}
