//! Microsoft Entra External ID, and Entra ID for workforces.

use serde_json::{Value, json};

use crate::{
    behavior::{
        ApiNames, AppFacts, Behavior, FrontChannel, Machines, Paths, RefreshTokens, SignOut,
        StepUp, UnknownScopes, UserFacts,
    },
    paths::{TENANT_ID, TENANT_NAME},
    scopes::GRAPH,
};

pub(super) const EXTERNAL_ID: Behavior = Behavior {
    like: "entra-external-id",
    // https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc: no endpoint for pushed
    // requests or revocation.
    paths: Paths {
        folders: &[TENANT_ID, TENANT_NAME],
        issuer: "/v2.0",
        keys: "/discovery/v2.0/keys",
        authorize: "/oauth2/v2.0/authorize",
        token: "/oauth2/v2.0/token",
        userinfo: "/oidc/userinfo",
        logout: Some("/oauth2/v2.0/logout"),
        par: None,
        revocation: None,
    },
    api: ApiNames::Registration,
    aadsts: true,
    // https://github.com/damienbod/AspNetCoreMicrosoftGraph/issues/1
    unknown_scopes: UnknownScopes::Graph,
    offline_access: true,
    refresh_tokens: RefreshTokens::OfflineAccess,
    // https://learn.microsoft.com/entra/identity-platform/refresh-tokens: a new one with every
    // refresh, and the old one still works.
    refresh_rotates: true,
    // https://github.com/damienbod/angular-auth-oidc-client/issues/1844
    own_api_needs_scope: true,
    sign_out_ends_refresh_tokens: false,
    // https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context:
    // version 2 tokens have no acr.
    step_up: StepUp::AuthenticationContexts,
    sign_out: SignOut::EndSession,
    // https://github.com/OpenIDC/mod_auth_openidc/pull/855 and
    // https://github.com/nginxinc/nginx-openid-connect/issues/117: sid without iss.
    front_channel: FrontChannel::Sid,
    back_channel: false,
    response_iss: false,
    // https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    pairwise: true,
    opaque_without_api: false,
    api_needs_audience: false,
    // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
    machines: Machines::DefaultScope,
    typ: Some("JWT"),
    every_token: &[("tid", TENANT_ID), ("ver", "2.0")],
    user_token,
    id_token,
    app_token,
};

pub(super) const WORKFORCE: Behavior = Behavior { like: "entra-id", ..EXTERNAL_ID };

/// <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>. A token for no
/// API in particular is for Microsoft Graph, and no API may accept it.
fn user_token(it: &UserFacts<'_>) -> Value {
    let scp = if it.audience.is_some() {
        it.api_scopes.join(" ")
    } else {
        "openid profile email".to_owned()
    };
    json!({
        "aud": it.audience.unwrap_or(GRAPH),
        "azp": it.client_id,
        "azpacr": "1",
        "name": it.name,
        "oid": it.oid,
        "preferred_username": it.username,
        "scp": scp,
        "sid": it.sid,
        "sub": it.sub,
        "nbf": it.now,
        "uti": it.token_id,
    })
}

/// <https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>. `at_hash` is
/// absent. `auth_time` is an optional claim: only clients that asked get it.
fn id_token(it: &UserFacts<'_>) -> Value {
    json!({
        "aud": it.client_id,
        "oid": it.oid,
        "email": it.username,
        "name": it.name,
        "preferred_username": it.username,
        "sid": it.sid,
        "sub": it.sub,
        "nonce": it.nonce,
        "auth_time": it.auth_time.filter(|_| it.is_auth_asked),
        "acr": it.acr,
        "acrs": (!it.acrs.is_empty()).then_some(&it.acrs),
        "nbf": it.now,
        "uti": it.token_id,
    })
}

/// `roles`, `idtyp`, and `sub` equal to `oid`.
fn app_token(it: &AppFacts<'_>) -> Value {
    json!({
        "aud": it.audience,
        "azp": it.client_id,
        "azpacr": "1",
        "idtyp": "app",
        "oid": it.object_id,
        "roles": (!it.permissions.is_empty()).then_some(&it.permissions),
        "sub": it.object_id,
        "nbf": it.now,
        "uti": it.token_id,
    })
}
