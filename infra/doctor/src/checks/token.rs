//! An access token, judged as the API judges it.

use std::sync::Arc;

use ::settings::Environment;
use auth::{HttpFetch, Provider, ProviderConfig, SystemClock, TokenError, Verifier, VerifyError};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use permissions::Permission;
use reqwest::Client;
use serde_json::Value;

use super::settings::value;
use crate::{Check, Code, Finding};

pub(crate) const NAME: &str = "token";

/// The client id of Microsoft Graph, the same in every tenant.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

pub(crate) async fn check(
    token: &str,
    environment: &Environment,
    provider: &ProviderConfig,
    http: &Client,
) -> Check {
    let findings = match unverified(token) {
        Some((header, claims)) => match by_name(&header, &claims, environment) {
            Some(finding) => vec![finding],
            None => return verified(token, environment, provider, http).await,
        },
        None => vec![Finding::new(
            Code::TokenMalformed,
            "it is not header.payload.signature with JSON in it",
            "the API takes signed tokens in compact form only (RFC 7515)",
            "copy the whole value of access_token, without `Bearer` and without quotes",
        )],
    };
    Check::of(NAME, "", findings)
}

/// Header and claims as they stand there. They decide only which advice is given.
fn unverified(token: &str) -> Option<(Value, Value)> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, _] = parts[..] else { return None };
    let json = |part: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
    };
    Some((json(header)?, json(payload)?))
}

/// What may be told of any token: how it is signed, and the names of its claims.
pub(crate) fn facts(token: &str) -> String {
    let (header, claims) = unverified(token).unwrap_or_default();
    let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or("absent");
    let names: Vec<_> = claims.as_object().into_iter().flat_map(|it| it.keys()).collect();
    let names = names.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    format!("alg {}, typ {}, claims: {names}", text("alg"), text("typ"))
}

pub(crate) fn is_jwt(token: &str) -> bool {
    unverified(token).is_some()
}

/// The well-known mistakes. Each fails a fact that says less than its name does.
fn by_name(header: &Value, claims: &Value, environment: &Environment) -> Option<Finding> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("aud") == GRAPH
        || text("aud") == "https://graph.microsoft.com"
        || header.get("nonce").is_some()
    {
        return Some(Finding::new(
            Code::TokenOfGraph,
            "the token is for Microsoft Graph",
            "only Graph can verify it; it comes when no scope of the API was asked for",
            "ask for the API's scopes: OIDC_SCOPES=\"api://{api-client-id}/ToDoList.Read …\"",
        ));
    }
    if text("ver") == "1.0" || text("iss").starts_with("https://sts.windows.net/") {
        return Some(Finding::new(
            Code::TokenVersion1,
            format!("a version-1 token: `ver` {:?}, issuer {:?}", text("ver"), text("iss")),
            "the API app's manifest decides the version, not the endpoint; version 1 has another \
             issuer and audience",
            "Entra admin center, App registrations, the API app, Manifest: set \
             api.requestedAccessTokenVersion to 2; or `cargo run -p entra -- apply`",
        ));
    }
    let names = ["API_SCOPE_CLAIMS", "API_ROLE_CLAIMS"].map(|name| value(environment, name));
    let mut names = names.into_iter().flatten().flat_map(str::split_whitespace);
    let permission = names.any(|name| claims.get(name).is_some());
    let client = environment.text("OIDC_CLIENT_ID").unwrap_or_default();
    let own = !client.is_empty() && text("aud") == client;
    if !permission && (claims.get("nonce").is_some() || own || claims.get("at_hash").is_some()) {
        return Some(Finding::new(
            Code::TokenIsIdToken,
            "an ID token: it is for the web app and names no permission",
            "an ID token tells the app who signed in; it opens no API",
            "send the access_token of the token response, not the id_token",
        ));
    }
    (!permission).then(|| {
        Finding::new(
            Code::TokenWithoutPermission,
            "no claim of API_SCOPE_CLAIMS or API_ROLE_CLAIMS is in the token",
            "no scope or app role was granted, so the caller may do nothing",
            format!(
                "grant the client the API's permissions, and request them by their full names: {}",
                environment.profile().console.api
            ),
        )
    })
}

async fn verified(
    token: &str,
    environment: &Environment,
    provider: &ProviderConfig,
    http: &Client,
) -> Check {
    let Ok(rules) = api::access_token_rules(environment) else {
        return Check::skipped(NAME, "a setting API_… is wrong; see settings");
    };
    let fetch = HttpFetch::new(http.clone());
    let trusted = Provider::new(provider.clone(), fetch, Arc::new(SystemClock));
    let Ok(verifier) = Verifier::new(trusted, rules) else {
        return Check::skipped(NAME, "API_AUDIENCE is empty");
    };
    match verifier.verify(token).await {
        Err(VerifyError::Unavailable(_)) => {
            Check::skipped(NAME, "the provider's keys cannot be had; see discovery and keys")
        }
        Err(VerifyError::Refused(error)) => Check::of(NAME, "", vec![refused(&error, environment)]),
        Ok(claims) => {
            let granted: Vec<&str> = claims.scopes().chain(claims.roles()).collect();
            let app = claims.is_app_only();
            let kind = if app { "an application's" } else { "a user's" };
            let good = format!("{kind} token, accepted by the API: {}", granted.join(" "));
            Check::of(NAME, &good, permissions(&granted, app, environment).into_iter().collect())
        }
    }
}

fn permissions(granted: &[&str], app: bool, environment: &Environment) -> Option<Finding> {
    let setting = |it: Permission| if app { it.role_setting } else { it.scope_setting };
    let names: Vec<_> = permissions::all().map(|permission| setting(permission).name).collect();
    let wanted: Vec<&str> = names.iter().filter_map(|name| environment.text(name)).collect();
    if wanted.is_empty() || wanted.iter().any(|name| granted.contains(name)) {
        return None;
    }
    Some(Finding::new(
        Code::TokenScopesDiffer,
        format!("the token grants {}, the API wants {}", granted.join(" "), wanted.join(" or ")),
        "every call would be refused with 403 insufficient_scope",
        format!("grant what the API wants, or set {} to the names in use", names.join(" and ")),
    ))
}

fn refused(error: &TokenError, environment: &Environment) -> Finding {
    let api = environment.profile().console.api;
    let (code, why, todo) = match error {
        TokenError::WrongAudience { .. } => (
            Code::TokenWrongAudience,
            "it was issued for another API, or API_AUDIENCE is not this API's audience",
            format!("set API_AUDIENCE to the API's audience, or request its scopes: {api}"),
        ),
        TokenError::Expired { .. } => (
            Code::TokenExpired,
            "access tokens live for about an hour",
            "get a new one; if it is fresh, see the check `clock`".to_owned(),
        ),
        TokenError::ClientNotAllowed { .. } => (
            Code::TokenClientNotAllowed,
            "API_ALLOWED_CLIENTS is set, and only its clients may call",
            "add the client's id to API_ALLOWED_CLIENTS, or leave that empty".to_owned(),
        ),
        _ => (
            Code::TokenRefused,
            "the API answers 401 to it",
            "compare the token's claims with OIDC_ISSUER, OIDC_ALGORITHMS and API_TOKEN_TYPES"
                .to_owned(),
        ),
    };
    Finding::new(code, format!("{error} ({})", error.code()), why, todo)
}

#[cfg(test)]
mod tests {
    use auth::Issuer;
    use outbound::Outbound;
    use serde_json::json;
    use test_support::{CLIENT_ID, ScriptedProvider};

    use super::*;

    async fn codes(provider: &ScriptedProvider, token: &str, clients: &str) -> Vec<Code> {
        let environment = Environment::of(provider.settings())
            .with("API_AUDIENCE", "api")
            .with("API_ALLOWED_CLIENTS", clients)
            .with("API_TOKEN_TYPES", "JWT at+jwt")
            .with("TODOS_READ_SCOPE", "ToDoList.Read")
            .with("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite");
        let http = Outbound::from_environment(&environment).unwrap().http().clone();
        let config = ProviderConfig::new(Issuer::parse(provider.issuer()).unwrap());
        let check = check(token, &environment, &config, &http).await;
        assert!(!format!("{check:?}").contains(token), "the token was shown");
        check.findings().iter().map(|it| it.code).collect()
    }

    #[tokio::test]
    async fn each_wrong_token_is_named() {
        let provider = ScriptedProvider::entra();
        let good = || provider.access_token();
        for (token, clients, code) in [
            ("opaque".to_owned(), "", Code::TokenMalformed),
            (good().claim("ver", "1.0").signed(), "", Code::TokenVersion1),
            (good().claim("iss", "https://sts.windows.net/x/").signed(), "", Code::TokenVersion1),
            (good().claim("aud", GRAPH).signed(), "", Code::TokenOfGraph),
            (good().header("nonce", "x").signed(), "", Code::TokenOfGraph),
            (provider.id_token().signed(), "", Code::TokenIsIdToken),
            (good().without("scp").signed(), "", Code::TokenWithoutPermission),
            (good().claim("scp", "Other.Read").signed(), "", Code::TokenScopesDiffer),
            (good().claim("aud", "other").signed(), "", Code::TokenWrongAudience),
            (good().claim("exp", json!(1_000_000_000)).signed(), "", Code::TokenExpired),
            (good().signed(), "another-client", Code::TokenClientNotAllowed),
            (good().claim("tid", "other").signed(), "", Code::TokenRefused),
        ] {
            assert_eq!(codes(&provider, &token, clients).await, [code]);
        }
    }

    #[tokio::test]
    async fn a_good_token_has_no_finding() {
        let provider = ScriptedProvider::entra();
        let token = provider.access_token().signed();
        assert_eq!(codes(&provider, &token, CLIENT_ID).await, []);
    }
}
