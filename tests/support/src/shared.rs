//! What the provider and its server share: the script, and what has arrived.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    CLIENT_ID, Endpoint, MockResponse, Received, SigningKey, TENANT, TokenBuilder, TokenResponse,
    grants::Grants, sts,
};

/// The endpoints that Entra doesn't have.
const NOT_AT_ENTRA: [&str; 2] = ["revocation_endpoint", "pushed_authorization_request_endpoint"];

/// What the provider and its server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) issuer: String,
    script: Mutex<Script>,
    grants: Mutex<Grants>,
    /// Told of each request. Holds one notice for a waiter that comes too late.
    pub(crate) arrival: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) next: Vec<(Endpoint, MockResponse)>,
    pub(crate) always: Vec<(Endpoint, MockResponse)>,
    pub(crate) received: Vec<(Endpoint, Received)>,
}

impl Shared {
    pub(crate) fn new(issuer: String) -> Self {
        Self { issuer, script: Mutex::default(), grants: Mutex::default(), arrival: Notify::new() }
    }

    /// Remembers the request and says what to answer.
    pub(crate) fn answer(&self, request: Received) -> MockResponse {
        let endpoint = Endpoint::of(&request.path);
        let body = request.clone();
        let mut script = self.script();
        script.received.push((endpoint, request));
        self.arrival.notify_one();
        if let Some(at) = script.next.iter().position(|(of, _)| *of == endpoint) {
            return script.next.remove(at).1;
        }
        if let Some((_, answer)) = script.always.iter().rfind(|(of, _)| *of == endpoint) {
            return answer.clone();
        }
        drop(script);
        match endpoint {
            Endpoint::Discovery => MockResponse::json(&self.metadata()),
            Endpoint::Keys => MockResponse::json(&json!({ "keys": [SigningKey::first().jwk()] })),
            Endpoint::Token => self.redeem(&body.form()),
            Endpoint::Revocation => MockResponse::status(200),
            Endpoint::Userinfo => MockResponse::json(&user()),
            Endpoint::PushedAuthorization => self.push(body.form()),
            Endpoint::Elsewhere if body.body.starts_with(b"Action=") => sts::answer(&body),
            Endpoint::Elsewhere => MockResponse::status(404),
        }
    }

    fn redeem(&self, form: &BTreeMap<String, String>) -> MockResponse {
        // As with one registration for client and API.
        if self.is_entra()
            && form.get("grant_type").is_some_and(|it| it == "refresh_token")
            && !form.contains_key("scope")
        {
            let description = "AADSTS90009: Application 'web' is requesting a token for itself.";
            let document = json!({ "error": "invalid_request", "error_description": description });
            return MockResponse::json(&document).with_status(400);
        }
        let scope = form.get("scope").map(String::as_str).unwrap_or_default();
        let of_apis = scope.split(' ').filter_map(|it| it.strip_prefix("api://")?.split_once('/'));
        let mut apis = BTreeMap::<_, Vec<_>>::new();
        of_apis.for_each(|(api, scope)| apis.entry(api).or_default().push(scope));
        if apis.len() > 1 {
            // Whatever the provider: no request of ours should depend on one that takes it.
            let description = "AADSTS28000: scope contains more than one resource.";
            let document = json!({ "error": "invalid_request", "error_description": description });
            return MockResponse::json(&document).with_status(400);
        }
        let access_token = match apis.pop_first() {
            Some((api, scopes)) if api != "todos" => {
                self.access_token().claim("aud", api).claim("scp", scopes.join(" "))
            }
            _ => self.access_token(),
        };
        match self.grants().accept(form) {
            Ok(accepted) => {
                let token = |token, (name, value): (String, Value)| {
                    TokenBuilder::claim(token, &name, value)
                };
                let id_token = accepted.claims.into_iter().fold(self.id_token(), token);
                TokenResponse::new(&access_token.signed(), &accepted.refresh_token)
                    .id_token(&id_token.signed())
                    .answer()
            }
            Err(code) => MockResponse::error(code),
        }
    }

    fn push(&self, mut form: BTreeMap<String, String>) -> MockResponse {
        form.remove("client_secret");
        let request_uri = self.grants().push(form);
        MockResponse::json(&json!({ "request_uri": request_uri, "expires_in": 60 }))
            .with_status(201)
    }

    pub(crate) fn metadata(&self) -> Value {
        let issuer = &self.issuer;
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "pushed_authorization_request_endpoint": format!("{issuer}/par"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        if self.is_entra()
            && let Some(members) = metadata.as_object_mut()
        {
            members.retain(|name, _| !NOT_AT_ENTRA.contains(&name.as_str()));
        }
        metadata
    }

    pub(crate) fn is_entra(&self) -> bool {
        self.issuer.contains(TENANT)
    }

    pub(crate) fn id_token(&self) -> TokenBuilder {
        let mut claims = user();
        claims["aud"] = json!(CLIENT_ID);
        self.token(claims)
    }

    pub(crate) fn access_token(&self) -> TokenBuilder {
        self.token(json!({
            "aud": "api",
            "sub": "ada-at-the-api",
            "azp": CLIENT_ID,
            "scp": "ToDoList.Read ToDoList.ReadWrite",
        }))
    }

    fn token(&self, mut claims: Value) -> TokenBuilder {
        let now = now();
        claims["iss"] = json!(self.issuer);
        claims["iat"] = json!(now);
        claims["nbf"] = json!(now);
        claims["exp"] = json!(now + 3600);
        if self.is_entra() {
            claims["oid"] = json!("0a0a0a0a-1111-4222-8333-444444444444");
            claims["tid"] = json!(TENANT);
            claims["ver"] = json!("2.0");
        }
        TokenBuilder::new(SigningKey::first().id(), claims)
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one user, as ID token and userinfo say it.
fn user() -> Value {
    json!({
        "sub": "ada",
        "name": "Ada Lovelace",
        "preferred_username": "ada@example.com",
        "email": "ada@example.com",
    })
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the machine's clock is past 1970").as_secs()
}
