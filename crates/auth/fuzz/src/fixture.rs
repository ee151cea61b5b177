//! A verifier that trusts five issuers, each with the rules that its kind needs,
//! at a time that stands still.

use std::{
    future::ready,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use auth::{
    AccessTokenRules, Algorithm, AudienceClaim, Clock, Dpop, DpopNonces, Fetch, FetchFuture,
    FetchRequest, Fetched, InMemoryReplayStore, Issuer, ProofError, Provider, ProviderConfig,
    RequestHead, Resource, TokenType, Verifier,
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::signer::{Edwards, Signer};

/// The time, in seconds since 1970.
pub const NOW: u64 = 1_750_000_000;
/// The Entra tenant.
pub const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
/// The client id of the API, its audience at Entra.
pub const API: &str = "11111111-aaaa-4aaa-8aaa-111111111111";
/// A client of the API.
pub const CLIENT: &str = "22222222-bbbb-4bbb-8bbb-222222222222";
/// The address of the API.
pub const RESOURCE: &str = "https://api.example";
/// The path of the requests.
pub const PATH: &str = "/todos/a%2Fb";
/// The address of the requests, as a proof names it.
pub const TARGET: &str = "https://api.example/todos/a%2Fb";

/// An issuer, and which of its tokens are taken: both the rules of the verifier
/// and what an accepted token is compared with.
pub struct TestIssuer {
    /// The exact `iss`.
    pub issuer: &'static str,
    /// The tenant, at Entra.
    pub tenant: Option<&'static str>,
    /// The claim that names the audience.
    pub audience_claim: &'static str,
    /// The audience.
    pub audience: &'static str,
    /// The clients; none means any.
    pub clients: &'static [&'static str],
    /// Whether `typ` must be `at+jwt`.
    pub at_jwt_only: bool,
    /// Whether the key set has one key for ES256, so that `kid` may be absent.
    pub one_key: bool,
}

/// Microsoft Entra ID.
pub const ENTRA: TestIssuer = TestIssuer {
    issuer: "https://5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10.ciamlogin.com/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0",
    tenant: Some(TENANT),
    audience_claim: "aud",
    audience: API,
    clients: &[],
    at_jwt_only: false,
    one_key: false,
};
/// Whoever keeps to RFC 9068.
pub const RFC_9068: TestIssuer = TestIssuer {
    issuer: "https://as.example/",
    tenant: None,
    audience: RESOURCE,
    at_jwt_only: true,
    one_key: true,
    ..ENTRA
};
/// Amazon Cognito.
pub const COGNITO: TestIssuer = TestIssuer {
    issuer: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Tollgate1",
    tenant: None,
    audience_claim: "client_id",
    audience: "3n4b5urk1ft4fl3mg5e62d9ado",
    ..ENTRA
};
/// Auth0.
pub const AUTH0: TestIssuer = TestIssuer {
    issuer: "https://tollgate.eu.auth0.com/",
    tenant: None,
    audience: RESOURCE,
    ..ENTRA
};
/// Keycloak.
pub const KEYCLOAK: TestIssuer = TestIssuer {
    issuer: "https://id.example/realms/tollgate",
    tenant: None,
    audience: "todos",
    clients: &["todo-web", "todo-batch"],
    ..ENTRA
};

/// Every issuer that the verifier trusts.
pub const TRUSTED: [TestIssuer; 5] = [ENTRA, RFC_9068, COGNITO, AUTH0, KEYCLOAK];

/// A clock that stands still.
#[derive(Clone, Copy)]
pub struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }
}

/// What a provider publishes.
struct Published {
    metadata: String,
    keys: String,
}

impl Fetch for Published {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let is_metadata = wanted.url.path().ends_with("/openid-configuration");
        let body = if is_metadata { &self.metadata } else { &self.keys };
        Box::pin(ready(Ok(Fetched { body: body.clone().into_bytes(), ..Fetched::default() })))
    }
}

/// Everything that a target needs. Built once in each thread.
pub struct Fixture {
    /// Runs on the thread of the fuzzer: no thread of its own outlives an input.
    pub runtime: Runtime,
    /// The provider's key.
    pub signer: Signer,
    /// The client's key.
    pub client: Signer,
    /// A token of Entra.
    pub good_token: String,
    /// A token of Entra that is bound to the client's key, the same in each run.
    pub bound_token: String,
    /// Trusts [`TRUSTED`].
    pub verifier: Verifier,
}

thread_local! {
    static FIXTURE: Fixture = Fixture::new();
}

impl Fixture {
    /// Gives the fixture of this thread.
    pub fn with<T>(act: impl FnOnce(&Self) -> T) -> T {
        FIXTURE.with(act)
    }

    fn new() -> Self {
        let (signer, client, edwards) = (Signer::provider(), Signer::client(), Edwards::provider());
        let keys = |trust: &TestIssuer| -> Value {
            if trust.one_key {
                json!({"keys": [signer.jwk(), edwards.jwk()]})
            } else {
                // Published for the same algorithm, so that `kid` must choose.
                let mut other = client.jwk();
                other["kid"] = "key-2".into();
                json!({"keys": [signer.jwk(), other, edwards.jwk()]})
            }
        };
        let part = |trust: &TestIssuer| (provider(trust, &keys(trust)), rules(trust));
        let [first, others @ ..] = &TRUSTED;
        let (provider, rules) = part(first);
        let verifier = Verifier::new(provider, rules).expect("the rules have an audience");
        let verifier = others.iter().fold(verifier, |verifier, trust| {
            let (provider, rules) = part(trust);
            verifier.and(provider, rules).expect("each issuer is there once")
        });
        let good_token = signer.sign(good_header().to_string(), good_claims(&ENTRA).to_string());
        let bound_token = edwards.token(&bound_claims(&client));
        let runtime = Builder::new_current_thread().build().expect("a runtime without threads");
        let verifier = verifier.with_resource(resource());
        Self { runtime, signer, client, good_token, bound_token, verifier }
    }

    /// The verifier with proofs, none of which was used before.
    pub fn with_dpop(&self, nonces: Option<DpopNonces>) -> Verifier {
        let dpop = Dpop::new(resource(), Arc::new(FixedClock))
            .with_replay_store(InMemoryReplayStore::with_capacity(16));
        let dpop = match nonces {
            Some(nonces) => dpop.with_nonces(nonces),
            None => dpop,
        };
        self.verifier.clone().with_dpop(dpop)
    }
}

/// The nonces of the fixture.
pub fn nonces() -> DpopNonces {
    DpopNonces::new(&[9; 32])
}

/// The nonce that a refusal brings at the time of the fixture.
pub fn nonce() -> String {
    Fixture::with(|fixture| {
        let verifier = fixture.with_dpop(Some(nonces()));
        let headers = HeaderMap::new();
        let request = RequestHead::new(&Method::POST, PATH, &headers);
        let response = verifier.error_response(&request, ProofError::NonceNeeded.into());
        let nonce = response.headers()["dpop-nonce"].to_str().map(str::to_owned);
        nonce.expect("base64url")
    })
}

fn resource() -> Resource {
    Resource::parse(RESOURCE).expect("an https address")
}

fn provider(trust: &TestIssuer, keys: &Value) -> Provider {
    let jwks_uri = "https://keys.example/jwks";
    let metadata = json!({"issuer": trust.issuer, "jwks_uri": jwks_uri}).to_string();
    let mut config = ProviderConfig::new(Issuer::parse(trust.issuer).expect("an issuer"));
    config.algorithms = Algorithm::ALL.to_vec();
    Provider::new(config, Published { metadata, keys: keys.to_string() }, Arc::new(FixedClock))
}

fn rules(trust: &TestIssuer) -> AccessTokenRules {
    let mut rules = AccessTokenRules::new([trust.audience]);
    if trust.audience_claim == "client_id" {
        rules.audience_claim = AudienceClaim::ClientId;
    }
    rules.allowed_clients = trust.clients.iter().map(ToString::to_string).collect();
    if trust.at_jwt_only {
        rules.token_types = vec![TokenType::AtJwt];
    }
    rules
}

/// The header that goes with payloads: every issuer here takes it.
pub fn good_header() -> Value {
    json!({"typ": "at+jwt", "alg": "ES256", "kid": "key-1"})
}

/// The claims that go with headers.
pub fn good_claims(trust: &TestIssuer) -> Value {
    let mut claims = json!({
        "iss": trust.issuer, "iat": NOW, "nbf": NOW, "exp": NOW + 3600,
        "sub": "pairwise-1", "azp": trust.clients.first().unwrap_or(&CLIENT), "scp": "ToDoList.Read"
    });
    claims[trust.audience_claim] = trust.audience.into();
    if trust.at_jwt_only {
        claims["client_id"] = CLIENT.into();
        claims["jti"] = "token-1".into();
    }
    if let Some(tenant) = trust.tenant {
        claims["tid"] = tenant.into();
        claims["ver"] = "2.0".into();
        claims["oid"] = "user-1".into();
    }
    claims
}

/// The claims of a token that is bound to this key.
fn bound_claims(client: &Signer) -> Value {
    use aws_lc_rs::digest::{SHA256, digest};
    // RFC 7638: the required members, sorted; serde_json sorts them.
    let thumbprint = digest(&SHA256, client.public_jwk().to_string().as_bytes());
    let mut claims = good_claims(&ENTRA);
    claims["cnf"] = json!({"jkt": crate::signer::base64url(thumbprint)});
    claims
}
