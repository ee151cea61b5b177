//! For the tests of whoever uses this crate: an issuer that runs in the test itself.
//!
//! ```
//! use oidc_resource_server::testing::TestIssuer;
//! use oidc_resource_server::{AccessTokenRules, Verifier};
//! use serde_json::json;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let issuer = TestIssuer::new("https://login.example.com");
//! let verifier = Verifier::new(issuer.provider(), AccessTokenRules::new(["my-api"])).unwrap();
//!
//! let token = issuer.token(json!({"aud": "my-api", "sub": "ada", "scope": "todos.read"}));
//! assert!(verifier.verify(&token).await.is_ok());
//!
//! issuer.clock().forward(std::time::Duration::from_secs(2 * 3600));
//! assert!(verifier.verify(&token).await.is_err());
//! # });
//! ```
//!
//! Put the feature `testing` under `[dev-dependencies]` alone: a function that is
//! deployed needs none of this. What is malformed panics here, since it is a fault of
//! the test.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};

use crate::{
    Clock, Fetch, FetchError, FetchFuture, FetchRequest, Fetched, Issuer, Provider, ProviderConfig,
    token::base64url,
};

const KEY_ID: &str = "test-key";
const KEYS_PATH: &str = "/test-keys";

/// An issuer with one key (RS256, 2048 bits) that makes tokens and answers for its
/// metadata and keys. Cheap to clone; clones are the same issuer.
#[derive(Clone)]
pub struct TestIssuer(Arc<Parts>);

struct Parts {
    issuer: Issuer,
    clock: TestClock,
    key: EncodingKey,
    is_down: Mutex<bool>,
}

impl TestIssuer {
    /// An issuer of this name. Takes a while, since it makes a key: about 100 ms.
    ///
    /// # Panics
    /// When this is no issuer; see [`Issuer::parse`].
    pub fn new(issuer: &str) -> Self {
        let issuer = issuer.parse().unwrap_or_else(|error| panic!("{error}"));
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("there is randomness");
        let pkcs8 = pair.as_der().expect("aws-lc encodes its own key");
        let pkcs8 = base64_simd::STANDARD.encode_to_string(pkcs8.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{pkcs8}\n-----END PRIVATE KEY-----\n");
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("the PEM of an RSA key");
        let clock = TestClock::default();
        Self(Arc::new(Parts { issuer, clock, key, is_down: Mutex::new(false) }))
    }

    /// A provider with the defaults of [`ProviderConfig::new`] that asks this issuer and
    /// no network, by [this clock](Self::clock).
    pub fn provider(&self) -> Provider {
        self.provider_with(ProviderConfig::new(self.0.issuer.clone()))
    }

    /// The same with your own configuration, for instance of several tenants.
    pub fn provider_with(&self, config: ProviderConfig) -> Provider {
        let answers = Answers { named: config.issuer.clone(), issuer: self.clone() };
        Provider::new(config, answers, Arc::new(self.clock()))
    }

    /// The clock that its tokens are made by.
    pub fn clock(&self) -> TestClock {
        self.0.clock.clone()
    }

    /// A token with these claims, signed. `iss`, `iat`, `nbf` and `exp` (in an hour) are
    /// added unless they are there; `null` leaves a claim out.
    ///
    /// # Panics
    /// When the claims are no JSON object.
    pub fn token(&self, claims: Value) -> String {
        self.token_with_header(json!({"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}), claims)
    }

    /// The same with a header of your own: another `kid`, `typ` or `alg`.
    ///
    /// # Panics
    /// When the claims are no JSON object.
    #[allow(clippy::needless_pass_by_value, reason = "`json!` at the call reads better so")]
    pub fn token_with_header(&self, header: Value, claims: Value) -> String {
        let Value::Object(given) = claims else { panic!("claims are a JSON object: {claims}") };
        let now = self.clock().seconds();
        let issuer = self.0.issuer.as_str();
        let mut claims = json!({"iss": issuer, "iat": now, "nbf": now, "exp": now + 3600});
        for (name, value) in given {
            claims[name] = value;
        }
        if let Value::Object(claims) = &mut claims {
            claims.retain(|_, value| !value.is_null());
        }
        let part = |value: &Value| base64url::encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &self.0.key, Algorithm::RS256);
        format!("{signed}.{}", signature.expect("an RSA key signs"))
    }

    /// From now on nobody can reach it, or everybody can again.
    pub fn set_down(&self, is_down: bool) {
        *self.0.is_down.lock().unwrap_or_else(PoisonError::into_inner) = is_down;
    }

    fn keys(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.0.key, Algorithm::RS256).expect("an RSA key");
        let mut jwk = json!(jwk);
        jwk["kid"] = json!(KEY_ID);
        json!({"keys": [jwk]})
    }
}

/// What it answers as a provider.
struct Answers {
    issuer: TestIssuer,
    /// The issuer in its metadata: of several tenants, the template.
    named: Issuer,
}

impl Fetch for Answers {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let url = wanted.url;
        Box::pin(async move {
            if *self.issuer.0.is_down.lock().unwrap_or_else(PoisonError::into_inner) {
                let host = url.host_str().unwrap_or_default().to_owned();
                return Err(FetchError::Connection { host, reason: "it is down".to_owned() });
            }
            let document = if url.path() == KEYS_PATH {
                self.issuer.keys()
            } else {
                let jwks_uri = format!("https://keys.example{KEYS_PATH}");
                json!({"issuer": self.named.as_str(), "jwks_uri": jwks_uri})
            };
            Ok(Fetched { body: document.to_string().into_bytes(), ..Fetched::default() })
        })
    }
}

/// A clock that stands still until it is moved. Starts in June 2025. Clones are the same
/// clock.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<SystemTime>>);

impl TestClock {
    /// Moves it on.
    pub fn forward(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Seconds since 1970, as claims have them.
    pub fn seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(1_750_000_000))))
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
