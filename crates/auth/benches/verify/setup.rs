//! A token as Entra External ID makes it, and who judges it.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
        ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaPublicKeyComponents,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use jsonwebtoken::{DecodingKey, Validation};
use oidc_resource_server::{
    AccessTokenRules, Fetch, FetchFuture, FetchRequest, Fetched, Policy, Provider, ProviderConfig,
    RequestHead, SystemClock, Verifier,
};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
const API: &str = "11111111-aaaa-4aaa-8aaa-111111111111";

/// Names a file that token and keys are written to, for what is measured on another runtime.
const FOR_OTHERS: &str = "TOLLGATE_BENCH_TOKEN";

/// One thing to time.
pub(crate) struct Case<'s> {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn Fn() -> bool + 's>,
}

pub(crate) struct Setup {
    pub(crate) token: String,
    verifier: Verifier,
    policy: Policy,
    key: ParsedPublicKey,
    unparsed: RsaPublicKeyComponents<Vec<u8>>,
    decoding_key: DecodingKey,
    validation: Validation,
    refused: Vec<(&'static str, String)>,
    /// Where the keys were fetched; their cache lives on in `verifier`.
    _runtime: Runtime,
}

/// A provider that answers at once.
struct Provided {
    metadata: String,
    keys: String,
}

impl Fetch for Provided {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let body = if wanted.url.path() == "/keys" { &self.keys } else { &self.metadata };
        Box::pin(async { Ok(Fetched { body: body.clone().into_bytes(), ..Fetched::default() }) })
    }
}

impl Setup {
    pub(crate) fn new() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let issuer = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
        let (n, e) = (URL_SAFE_NO_PAD.encode(&public.n), URL_SAFE_NO_PAD.encode(&public.e));
        let jwk = json!({"kty": "RSA", "use": "sig", "kid": "key-1", "n": n, "e": e});
        let answers = Provided {
            metadata: json!({"issuer": issuer, "jwks_uri": "https://login.example/keys"})
                .to_string(),
            keys: json!({"keys": [&jwk]}).to_string(),
        };
        let config = ProviderConfig::new(issuer.parse().unwrap());
        let provider = Provider::new(config, answers, Arc::new(SystemClock));
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(provider.warm()).unwrap();
        let verifier = Verifier::new(provider, AccessTokenRules::new([API])).unwrap();
        let reading = vec!["ToDoList.Read".parse().unwrap()];
        let policy = Policy::users_only(reading).unwrap();

        let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
        validation.set_audience(&[API]);
        validation.set_issuer(&[&issuer]);
        validation.validate_nbf = true;

        let claims = claims(&issuer);
        let with = |name: &str, value: Value| {
            let mut changed = claims.clone();
            changed[name] = value;
            sign(&pair, &changed)
        };
        let token = sign(&pair, &claims);
        if let Some(file) = std::env::var_os(FOR_OTHERS) {
            let keys = json!({"keys": [jwk]});
            let given = json!({"token": token, "jwks": keys, "issuer": issuer, "audience": API});
            std::fs::write(file, given.to_string()).unwrap();
        }
        let refused = vec![
            ("refuse: malformed", token[..token.len() - 1].to_owned()),
            ("refuse: expired", with("exp", json!(0))),
            ("refuse: wrong audience", with("aud", json!("another"))),
            ("refuse: wrong issuer", with("iss", json!("https://login.example/another"))),
        ];
        Self {
            token,
            verifier,
            policy,
            key: RsaPublicKeyComponents { n: &public.n, e: &public.e }
                .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                .unwrap(),
            decoding_key: DecodingKey::from_rsa_raw_components(&public.n, &public.e),
            unparsed: public,
            validation,
            refused,
            _runtime: runtime,
        }
    }

    /// The first is what the others are compared with.
    pub(crate) fn cases(&self) -> Vec<Case<'_>> {
        let mut cases =
            vec![self.bare(), self.unparsed(), self.curve(), self.authorise(), self.jsonwebtoken()];
        for (name, token) in &self.refused {
            let headers = bearer(token);
            assert!(!self.lets_in(&headers), "{name}");
            cases.push(Case { name, run: Box::new(move || self.lets_in(&headers)) });
        }
        cases
    }

    /// The signature check alone: key parsed, signature decoded.
    fn bare(&self) -> Case<'_> {
        let (signed, signature) = self.token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let run = move || self.key.verify_sig(signed.as_bytes(), &signature).is_ok();
        assert!(run());
        Case { name: "bare aws-lc verify", run: Box::new(run) }
    }

    /// The same with a key that is parsed each time.
    fn unparsed(&self) -> Case<'_> {
        let (signed, signature) = self.token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let run = move || {
            let (algorithm, signed) = (&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes());
            self.unparsed.verify(algorithm, signed, &signature).is_ok()
        };
        assert!(run());
        Case { name: "bare aws-lc verify, key not parsed", run: Box::new(run) }
    }

    /// What a provider that signs with ES256 costs. It depends on how aws-lc was built
    /// (`AWS_LC_SYS_SMALL`), which RSA does not.
    fn curve(&self) -> Case<'_> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (signed, _) = self.token.rsplit_once('.').unwrap();
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).unwrap();
        let run = move || key.verify_sig(signed.as_bytes(), signature.as_ref()).is_ok();
        assert!(run());
        Case { name: "bare aws-lc verify, P-256", run: Box::new(run) }
    }

    /// From the header to the caller with permission.
    fn authorise(&self) -> Case<'_> {
        let headers = bearer(&self.token);
        assert!(self.lets_in(&headers));
        Case { name: "authorise", run: Box::new(move || self.lets_in(&headers)) }
    }

    /// The nearest that `jsonwebtoken` has: no `typ`, `azp`, `tid`, no scopes.
    fn jsonwebtoken(&self) -> Case<'_> {
        let run = || {
            jsonwebtoken::decode::<Map<String, Value>>(
                &self.token,
                &self.decoding_key,
                &self.validation,
            )
            .is_ok()
        };
        assert!(run());
        Case { name: "jsonwebtoken::decode", run: Box::new(run) }
    }

    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let request = RequestHead::new(&Method::GET, "/api/todos", headers);
        // The keys are cached, so nothing is waited for.
        let verdict = self.verifier.authorize(&request, &self.policy).now_or_never();
        verdict.expect("the keys are cached").is_ok()
    }
}

fn bearer(token: &str) -> HeaderMap {
    let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

fn claims(issuer: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    json!({
        "aud": API, "iss": issuer, "iat": now, "nbf": now, "exp": now + 3600,
        "aio": "ATQAy/8TAAAAabcdefghijklmnopqrstuvwxyz0123456789",
        "azp": "22222222-bbbb-4bbb-8bbb-222222222222", "azpacr": "1",
        "oid": "ada10000-0000-4000-8000-000000001815",
        "rh": "1.AXkA", "scp": "ToDoList.Read ToDoList.ReadWrite",
        "sub": "kFJ8r0H2aXkq3m1v9bQ0pW7tYc9e5s6d7h8i0jPzRxA",
        "tid": TENANT, "uti": "AbCdEfGhIjKlMnOpQrStUv", "ver": "2.0"
    })
}

fn sign(pair: &KeyPair, claims: &Value) -> String {
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": "key-1"}).to_string();
    let (header, payload) =
        (URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signed = format!("{header}.{payload}");
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
