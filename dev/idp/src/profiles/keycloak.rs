//! Keycloak, with an audience mapper for the API and its permissions as optional client scopes.

use serde_json::{Value, json};

use crate::behavior::{
    ApiNames, AppFacts, Behavior, FrontChannel, Machines, Paths, RefreshTokens, SignOut, StepUp,
    UnknownScopes, UserFacts,
};

pub(super) const KEYCLOAK: Behavior = Behavior {
    like: "keycloak",
    // https://www.keycloak.org/securing-apps/oidc-layers
    paths: Paths {
        folders: &["realms/dev"],
        issuer: "",
        keys: "/protocol/openid-connect/certs",
        authorize: "/protocol/openid-connect/auth",
        token: "/protocol/openid-connect/token",
        userinfo: "/protocol/openid-connect/userinfo",
        logout: Some("/protocol/openid-connect/logout"),
        par: Some("/protocol/openid-connect/ext/par/request"),
        revocation: Some("/protocol/openid-connect/revoke"),
    },
    api: ApiNames::Fixed { audience: Some("todo-api"), prefix: "" },
    aadsts: false,
    unknown_scopes: UnknownScopes::Refused,
    // https://www.keycloak.org/docs/latest/server_admin/#_offline-access: a session that outlives
    // the sign-out. A refresh token comes without, and ends with the session.
    offline_access: true,
    refresh_tokens: RefreshTokens::Always,
    refresh_rotates: true,
    own_api_needs_scope: false,
    sign_out_ends_refresh_tokens: true,
    // https://www.keycloak.org/docs/latest/server_admin/#_step-up-flow, with names mapped to levels.
    step_up: StepUp::AcrValues { password: "pwd", second_factor: "mfa", always: true },
    sign_out: SignOut::EndSession,
    // https://www.keycloak.org/docs/latest/server_admin/#_oidc-logout: a client has either kind of
    // logout; this one has "Front channel logout" off.
    front_channel: FrontChannel::None,
    back_channel: true,
    // https://www.keycloak.org/docs/latest/upgrading/: RFC 9207 by default since version 23.
    response_iss: true,
    pairwise: false,
    opaque_without_api: false,
    api_needs_audience: false,
    // https://www.keycloak.org/docs/latest/server_admin/#_service_accounts
    machines: Machines::Scopes,
    typ: Some("JWT"),
    every_token: &[],
    user_token,
    id_token,
    app_token,
};

/// <https://www.keycloak.org/docs/latest/server_admin/#_client_scopes>: the mappers of the default
/// client scopes.
fn user_token(it: &UserFacts<'_>) -> Value {
    json!({
        "jti": it.token_id,
        "typ": "Bearer",
        "aud": it.audience.unwrap_or("account"),
        "sub": it.sub,
        "azp": it.client_id,
        "sid": it.sid,
        "acr": it.acr,
        "auth_time": it.auth_time,
        "scope": it.scopes().join(" "),
        "realm_access": { "roles": ["default-roles-dev"] },
        "name": it.name,
        "email": it.username,
        "preferred_username": it.username,
    })
}

fn id_token(it: &UserFacts<'_>) -> Value {
    json!({
        "jti": it.token_id,
        "typ": "ID",
        "aud": it.client_id,
        "sub": it.sub,
        "azp": it.client_id,
        "sid": it.sid,
        "acr": it.acr,
        "auth_time": it.auth_time,
        "nonce": it.nonce,
        "name": it.name,
        "email": it.username,
        "preferred_username": it.username,
    })
}

/// <https://www.keycloak.org/docs/latest/server_admin/#_service_accounts>: the token of a user named
/// after the client, with the claims of the client scope `service_account`.
fn app_token(it: &AppFacts<'_>) -> Value {
    json!({
        "jti": it.token_id,
        "typ": "Bearer",
        "aud": it.audience,
        "sub": it.object_id,
        "azp": it.client_id,
        "acr": "1",
        "scope": format!("profile email {}", it.permissions.join(" ")),
        "realm_access": { "roles": ["default-roles-dev"] },
        "preferred_username": format!("service-account-{}", it.client_id),
        "client_id": it.client_id,
        "clientHost": "127.0.0.1",
        "clientAddress": "127.0.0.1",
    })
}
