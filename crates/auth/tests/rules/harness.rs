//! A verifier with a scripted provider and a clock that the test moves.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use oidc_resource_server::{
    AccessClaims, AccessTokenRules, Algorithm, Clock, Fetch, FetchError, FetchFuture, FetchRequest,
    Fetched, IdClaims, IdTokenExpectations, IdTokenVerifier, Issuer, Provider, ProviderConfig,
    TokenError, Verified, Verifier, VerifyError,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use url::Url;

use crate::signer::Signer;

pub(crate) const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
pub(crate) const ISSUER: &str = "https://5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10.ciamlogin.com/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0";
pub(crate) const JWKS: &str = "https://tollgatedev.ciamlogin.com/keys";
pub(crate) const API: &str = "11111111-aaaa-4aaa-8aaa-111111111111";
pub(crate) const CLIENT: &str = "22222222-bbbb-4bbb-8bbb-222222222222";
pub(crate) const HOUR: u64 = 3600;
pub(crate) const NOW: u64 = 1_750_000_000;

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct ManualClock(Arc<Mutex<SystemTime>>);

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(NOW))))
    }

    pub(crate) fn forward(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }

    pub(crate) fn back(&self, seconds: u64) {
        *self.0.lock().unwrap() -= Duration::from_secs(seconds);
    }

    pub(crate) fn set(&self, time: SystemTime) {
        *self.0.lock().unwrap() = time;
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).unwrap().as_secs()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// A provider that answers as it is told, and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct Script(Arc<Mutex<Lines>>, Arc<Semaphore>);

struct Lines {
    metadata: Value,
    keys: String,
    max_age: Option<Duration>,
    down: bool,
    asked: Vec<Url>,
}

impl Script {
    pub(crate) fn new(issuer: &str, keys: &[&Signer]) -> Self {
        let metadata = json!({"issuer": issuer, "jwks_uri": JWKS, "token_endpoint": "https://tollgatedev.ciamlogin.com/token"});
        let lines =
            Lines { metadata, keys: String::new(), max_age: None, down: false, asked: Vec::new() };
        let script =
            Self(Arc::new(Mutex::new(lines)), Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)));
        script.publish(keys);
        script
    }

    pub(crate) fn publish(&self, keys: &[&Signer]) {
        self.publish_jwks(&keys.iter().map(|key| key.jwk()).collect::<Vec<_>>().into());
    }

    pub(crate) fn publish_jwks(&self, keys: &Value) {
        self.publish_text(json!({ "keys": keys }).to_string());
    }

    pub(crate) fn publish_text(&self, keys: String) {
        self.0.lock().unwrap().keys = keys;
    }

    pub(crate) fn set_metadata(&self, metadata: Value) {
        self.0.lock().unwrap().metadata = metadata;
    }

    pub(crate) fn set_max_age(&self, seconds: u64) {
        self.0.lock().unwrap().max_age = Some(Duration::from_secs(seconds));
    }

    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.0.lock().unwrap().max_age
    }

    pub(crate) fn go_down(&self) {
        self.0.lock().unwrap().down = true;
    }

    pub(crate) fn come_back(&self) {
        self.0.lock().unwrap().down = false;
    }

    /// From now on fetches wait until they are let go.
    pub(crate) fn hold(&self) {
        self.1.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn let_go(&self) {
        self.1.add_permits(1000);
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.iter().map(Url::to_string).collect()
    }

    pub(crate) fn key_fetches(&self) -> usize {
        self.asked().iter().filter(|url| *url == JWKS).count()
    }

    pub(crate) fn metadata_fetches(&self) -> usize {
        self.asked().len() - self.key_fetches()
    }
}

impl Fetch for Script {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let url = wanted.url;
        Box::pin(async move {
            self.0.lock().unwrap().asked.push(url.clone());
            self.1.acquire().await.unwrap().forget();
            let lines = self.0.lock().unwrap();
            if lines.down {
                return Err(FetchError::Connection {
                    host: "provider".into(),
                    reason: "refused".into(),
                });
            }
            let body =
                if url.as_str() == JWKS { lines.keys.clone() } else { lines.metadata.to_string() };
            Ok(Fetched { body: body.into_bytes(), max_age: lines.max_age, ..Fetched::default() })
        })
    }
}

/// Everything that a test needs.
pub(crate) struct Harness {
    pub(crate) clock: ManualClock,
    pub(crate) script: Script,
    pub(crate) signer: Signer,
    pub(crate) provider: Provider,
    pub(crate) verifier: Verifier,
    pub(crate) id_tokens: IdTokenVerifier,
}

impl Harness {
    /// An Entra tenant, with an ES256 key because such keys are made quickly.
    pub(crate) fn new() -> Self {
        Self::with(ISSUER, Signer::es256("key-1"), &Algorithm::ALL, |_| ())
    }

    pub(crate) fn issuer(issuer: &str) -> Self {
        Self::with(issuer, Signer::es256("key-1"), &Algorithm::ALL, |_| ())
    }

    pub(crate) fn rules(rules: impl FnOnce(&mut AccessTokenRules)) -> Self {
        Self::with(ISSUER, Signer::es256("key-1"), &Algorithm::ALL, rules)
    }

    pub(crate) fn signer(signer: Signer, algorithms: &[Algorithm]) -> Self {
        Self::with(ISSUER, signer, algorithms, |_| ())
    }

    pub(crate) fn with(
        issuer: &str,
        signer: Signer,
        algorithms: &[Algorithm],
        change: impl FnOnce(&mut AccessTokenRules),
    ) -> Self {
        let clock = ManualClock::new();
        let script = Script::new(issuer, &[&signer]);
        let mut config = ProviderConfig::new(Issuer::parse(issuer).unwrap());
        config.algorithms = algorithms.to_vec();
        let provider = Provider::new(config, script.clone(), Arc::new(clock.clone()));
        let mut rules = AccessTokenRules::new([API]);
        change(&mut rules);
        let verifier = Verifier::new(provider.clone(), rules).unwrap();
        let id_tokens = IdTokenVerifier::new(provider.clone(), CLIENT).unwrap();
        Self { clock, script, signer, provider, verifier, id_tokens }
    }

    /// Claims of a user's access token as Entra issues it, from the clock's now.
    pub(crate) fn claims(&self) -> Value {
        let now = self.clock.seconds();
        json!({
            "aud": API, "iss": self.provider.issuer().as_str(), "iat": now, "nbf": now, "exp": now + 3600,
            "azp": CLIENT, "azpacr": "1", "oid": "user-1", "sub": "pairwise-1", "tid": TENANT,
            "scp": "ToDoList.Read ToDoList.ReadWrite", "ver": "2.0", "uti": "x"
        })
    }

    /// The same with some claims changed; `null` takes a claim out.
    pub(crate) fn claims_but(&self, changes: &Value) -> Value {
        merged(self.claims(), changes)
    }

    pub(crate) fn id_claims_but(&self, changes: &Value) -> Value {
        let now = self.clock.seconds();
        let claims = json!({
            "aud": CLIENT, "iss": self.provider.issuer().as_str(), "iat": now, "nbf": now, "exp": now + 3600,
            "oid": "user-1", "sub": "pairwise-1", "tid": TENANT, "ver": "2.0", "nonce": "n-1",
            "name": "Ada Lovelace"
        });
        merged(claims, changes)
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Verified<AccessClaims>, VerifyError> {
        self.verifier.verify(token).await
    }

    pub(crate) async fn verify_claims(
        &self,
        claims: &Value,
    ) -> Result<Verified<AccessClaims>, VerifyError> {
        self.verify(&self.signer.token(claims)).await
    }

    /// The verdict on a token with these changes to its claims.
    pub(crate) async fn verify_but(
        &self,
        changes: Value,
    ) -> Result<Verified<AccessClaims>, VerifyError> {
        self.verify_claims(&self.claims_but(&changes)).await
    }

    /// Why a token with these changes is refused.
    pub(crate) async fn refusal(&self, changes: Value) -> TokenError {
        refused(self.verify_but(changes).await)
    }

    pub(crate) async fn verify_id(
        &self,
        changes: Value,
        expected: &IdTokenExpectations<'_>,
    ) -> Result<Verified<IdClaims>, VerifyError> {
        let token = self.signer.token(&self.id_claims_but(&changes));
        self.id_tokens.verify(&token, expected).await
    }
}

/// The refusal in a verdict.
#[track_caller]
pub(crate) fn refused<T>(verdict: Result<T, VerifyError>) -> TokenError {
    match verdict {
        Ok(_) => panic!("the token was accepted"),
        Err(VerifyError::Refused(error)) => error,
        Err(VerifyError::Unavailable(error)) => panic!("the token was not judged: {error}"),
    }
}

/// Whether a token with nothing wrong is accepted now.
pub(crate) async fn passes(harness: &Harness) -> bool {
    harness.verify_but(json!({})).await.is_ok()
}

/// The verdict on a token of a key that the provider does not have.
pub(crate) async fn verify_unknown_key(harness: &Harness, kid: &str) -> Result<(), VerifyError> {
    let token = Signer::es256(kid).token(&harness.claims());
    harness.verify(&token).await.map(drop)
}

/// The seconds after which a token that was not judged may be sent again.
#[track_caller]
pub(crate) fn retry_after<T>(verdict: Result<T, VerifyError>) -> u64 {
    match verdict {
        Err(VerifyError::Unavailable(unavailable)) => unavailable.retry_after.as_secs(),
        _ => panic!("the token was judged"),
    }
}

/// Whether the verdict is that there is none.
pub(crate) fn is_unavailable<T>(verdict: &Result<T, VerifyError>) -> bool {
    matches!(verdict, Err(VerifyError::Unavailable(_)))
}

/// These claims with some changed; `null` takes a claim out.
pub(crate) fn merged(mut claims: Value, changes: &Value) -> Value {
    let object = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    claims
}
