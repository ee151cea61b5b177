//! Attacks. Each test says what should be; one that fails is a finding.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use auth::{
    AccessTokenRules, Algorithm, Fetch, FetchFuture, Fetched, IdTokenExpectations, Incoming,
    KeySet, Provider, ProviderConfig, Verifier,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    party::Party,
    signer::{Signer, base64url},
    stage::{API, CLIENT, HOUR, ISSUER, JWKS, NOW, Stage, merged, passes, refused, stranger},
};

// --- who is an application ------------------------------------------------

#[tokio::test]
async fn a_user_with_scp_is_no_app_though_scopes_are_read_elsewhere() {
    let stage = Stage::rules(|rules| rules.scope_claims = vec!["permissions".into()]);
    let user = stage.verify_but(json!({"roles": ["ToDoList.Read.All"]})).await;
    if let Ok(user) = user {
        assert!(!user.is_app_only(), "scp {:?}", user.document()["scp"]);
    }
}

#[tokio::test]
async fn a_token_that_tells_of_a_sign_in_is_no_apps() {
    // RFC 9068: 2.2.1 (auth_time, acr, amr are of a resource owner's grant),
    // 2.2.3.1 (roles are the resource owner's).
    let party = Party::new("https://accounts.example.com");
    let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([API])).unwrap();
    let mut apps = Vec::new();
    for claims in
        [json!({"auth_time": NOW - 5}), json!({"acr": "1", "amr": ["pwd"]}), json!({"sid": "s-1"})]
    {
        let changes = merged(json!({"scope": null, "roles": ["ToDoList.Read.All"]}), &claims);
        if let Ok(user) = verifier.verify(&party.token(changes)).await
            && user.is_app_only()
        {
            apps.push(claims);
        }
    }
    assert!(apps.is_empty(), "{apps:?}");
}

#[tokio::test]
async fn a_refreshed_id_token_with_roles_is_no_apps_access_token() {
    // OpenID Connect Core, 12.2: after a refresh it should have no nonce.
    let party = Party::new("https://keycloak.example/realms/x");
    let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([CLIENT])).unwrap();
    let id_token = party.token(json!({
        "scope": null, "client_id": null, "aud": CLIENT, "azp": CLIENT, "typ": "ID",
        "at_hash": "AAAAAAAAAAAAAAAAAAAAAA", "auth_time": NOW - 900, "sid": "s-1", "acr": "1",
        "email": "ada@example.com", "roles": ["ToDoList.Read.All"]
    }));
    let verdict = verifier.verify(&id_token).await;
    assert!(!verdict.as_ref().is_ok_and(|claims| claims.is_app_only()), "an app with every role");
}

// --- ID tokens ------------------------------------------------------------

#[tokio::test]
async fn a_logout_token_is_no_id_token_without_a_nonce_to_compare() {
    let stage = Stage::new();
    let logout = json!({
        "nonce": null, "name": null, "jti": "j", "sid": "s",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}}
    });
    let verdict = stage.verify_id(logout, &IdTokenExpectations::default()).await;
    assert!(verdict.is_err(), "a logout token passed as ID token");
}

#[tokio::test]
async fn an_access_token_is_no_id_token_without_a_nonce_to_compare() {
    let stage = Stage::new();
    let access = stage.claims_but(&json!({"aud": CLIENT}));
    let verdict =
        stage.id_tokens.verify(&stage.signer.token(&access), &IdTokenExpectations::default()).await;
    assert!(verdict.is_err(), "an access token passed as ID token");
}

#[tokio::test]
async fn a_nonce_that_nobody_expects_is_not_ignored() {
    // OpenID Connect Core, 12.2: if present, it must be that of the sign-in.
    let stage = Stage::new();
    let stolen = json!({"nonce": "of somebody else's sign-in"});
    let verdict = stage.verify_id(stolen, &IdTokenExpectations::default()).await;
    assert!(verdict.is_err(), "Default skips the nonce");
}

// --- key sets -------------------------------------------------------------

#[test]
fn of_two_lists_of_keys_the_first_is_not_taken() {
    // RFC 7517, section 5: reject, or take the last.
    let (first, last) = (Signer::es256("a"), Signer::es256("a"));
    let set = format!(r#"{{"keys":[{}],"keys":[{}]}}"#, first.jwk(), last.jwk());
    let token = first.token(&json!({}));
    if let Ok(set) = KeySet::parse(set.as_bytes(), &Algorithm::ALL) {
        assert!(set.verify_signature_only(&token).is_err());
    }
}

#[test]
fn a_key_with_odd_json_costs_only_itself() {
    let good = Signer::es256("a");
    let deep = format!("{}1{}", "[".repeat(130), "]".repeat(130));
    let mut cost = Vec::new();
    for odd in [r#"{"n":1e999}"#, r#"{"n":"\ud800"}"#, &format!(r#"{{"x":{deep}}}"#)] {
        let set = format!(r#"{{"keys":[{odd},{}]}}"#, good.jwk());
        if KeySet::parse(set.as_bytes(), &Algorithm::ALL).is_err() {
            cost.push(format!("{odd:.20}"));
        }
    }
    assert!(cost.is_empty(), "{cost:?}");
}

fn memory(field: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

#[test]
fn a_key_set_of_512_kib_takes_little_memory() {
    let good = Signer::es256("a").jwk().to_string();
    let count = (512 * 1024 - good.len() - 20) / 3;
    let set = format!(r#"{{"keys":[{}{good}]}}"#, "{},".repeat(count));
    assert!(set.len() <= 512 * 1024);
    let before = memory("VmHWM");
    let start = Instant::now();
    assert!(KeySet::parse(set.as_bytes(), &Algorithm::ALL).is_ok());
    let took = memory("VmHWM") - before;
    assert!(took < 40, "{took} MiB for {} KiB in {:?}", set.len() / 1024, start.elapsed());
}

#[test]
fn a_token_of_16_kib_takes_little_memory() {
    let good = Signer::es256("a");
    let set = json!({"keys": [good.jwk()]}).to_string();
    let set = KeySet::parse(set.as_bytes(), &Algorithm::ALL).unwrap();
    let payload = format!(r#"{{"a":[{}{{}}]}}"#, "{},".repeat(3900));
    let header = format!(r#"{{"alg":"ES256","x":[{}{{}}]}}"#, "{},".repeat(10));
    let token = good.sign(&header, &payload);
    eprintln!("token {}", token.len());
    let before = memory("VmHWM");
    let start = Instant::now();
    let _ = set.verify_signature_only(&token);
    eprintln!("{} MiB {:?}", memory("VmHWM") - before, start.elapsed());
}

#[test]
fn a_key_that_can_verify_nothing_is_not_usable() {
    let n = |last: u8, first: u8| {
        let mut n = vec![0xa5; 256];
        n[0] = first;
        n[255] = last;
        base64url(n)
    };
    let mut usable = Vec::new();
    for (name, n, e) in [
        ("even n", n(0xa4, 0xa5), base64url([1, 0, 1])),
        ("e of 64 bits", n(0xa5, 0xa5), base64url([0xff; 8])),
        ("e of 34 bits", n(0xa5, 0xa5), base64url([3, 0, 0, 0, 1])),
        ("e as long as n", n(0xa5, 0xa5), base64url([0xa1; 256])),
        ("e longer than n", n(0xa5, 0xa5), base64url([0xa1; 300])),
    ] {
        let set = json!({"keys": [{"kty": "RSA", "n": n, "e": e, "kid": "a"}]}).to_string();
        if let Ok(set) = KeySet::parse(set.as_bytes(), &[Algorithm::RS256]) {
            let forged = format!(
                "{}.{}.{}",
                base64url(r#"{"alg":"RS256","kid":"a"}"#),
                base64url("{}"),
                base64url([1; 256])
            );
            let start = Instant::now();
            let verdict = set.verify_signature_only(&forged);
            usable.push(format!("{name}: {verdict:?} in {:?}", start.elapsed()));
        }
    }
    assert!(usable.is_empty(), "{usable:#?}");
}

#[test]
fn many_rsa_keys_are_parsed_in_time() {
    let key = |at: usize| {
        let mut n = vec![0xa5; 256];
        n[1..9].copy_from_slice(&(at as u64).to_be_bytes());
        json!({"kty": "RSA", "n": base64url(n), "e": "AQAB", "kid": "a"})
    };
    let keys: Vec<Value> = (0..1300).map(key).collect();
    let set = json!({"keys": keys}).to_string();
    eprintln!("{} KiB", set.len() / 1024);
    let start = Instant::now();
    let set = KeySet::parse(set.as_bytes(), &Algorithm::ALL).unwrap();
    eprintln!("parsed in {:?}", start.elapsed());
    let forged = format!(
        "{}.{}.{}",
        base64url(r#"{"alg":"RS256","kid":"a"}"#),
        base64url("{}"),
        base64url([1; 256])
    );
    let start = Instant::now();
    let _ = set.verify_signature_only(&forged);
    eprintln!("judged in {:?}", start.elapsed());
}

// --- the cache ------------------------------------------------------------

/// Answers with what is published when it is asked, and not when it answers; the
/// first question for keys is answered when it is let go.
struct Frozen {
    keys: Arc<Mutex<String>>,
    asked: AtomicUsize,
    thaw: Arc<Notify>,
}

impl Fetch for Frozen {
    fn fetch<'a>(&'a self, url: &'a url::Url) -> FetchFuture<'a> {
        Box::pin(async move {
            if url.as_str() != JWKS {
                let body = json!({"issuer": ISSUER, "jwks_uri": JWKS}).to_string();
                return Ok(Fetched { body: body.into_bytes(), max_age: None });
            }
            let body = self.keys.lock().unwrap().clone();
            if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
                self.thaw.notified().await;
            }
            Ok(Fetched { body: body.into_bytes(), max_age: None })
        })
    }
}

/// The function was frozen while keys were fetched (`warm` was given up, say),
/// and the answer is in the socket when it wakes.
async fn thawed(after: u64) -> (Stage, Verifier, Arc<Mutex<String>>, Arc<Notify>) {
    let stage = Stage::new();
    let keys = Arc::new(Mutex::new(json!({"keys": [stage.signer.jwk()]}).to_string()));
    let thaw = Arc::new(Notify::new());
    let fetch = Frozen { keys: keys.clone(), asked: AtomicUsize::new(0), thaw: thaw.clone() };
    let mut config = ProviderConfig::new(ISSUER.parse().unwrap());
    config.algorithms = Algorithm::ALL.to_vec();
    let provider = Provider::new(config, fetch, Arc::new(stage.clock.clone()));
    let verifier = Verifier::new(provider.clone(), AccessTokenRules::new([API])).unwrap();
    let given_up = tokio::spawn({
        let verifier = verifier.clone();
        async move { verifier.warm().await }
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    given_up.abort();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    stage.clock.forward(after);
    (stage, verifier, keys, thaw)
}

#[tokio::test]
async fn a_rotation_during_a_freeze_refuses_nothing_valid() {
    let (stage, verifier, keys, thaw) = thawed(HOUR).await;
    let next = Signer::es256("key-2");
    *keys.lock().unwrap() = json!({"keys": [stage.signer.jwk(), next.jwk()]}).to_string();
    let token = next.token(&stage.claims());
    let first = tokio::spawn({
        let (verifier, token) = (verifier.clone(), token.clone());
        async move { verifier.verify(&token).await.map(drop) }
    });
    tokio::task::yield_now().await;
    thaw.notify_one();
    let first = first.await.unwrap();
    let second = verifier.verify(&token).await.map(drop);
    assert!(first.is_ok(), "the first {first:?}, the second {second:?}");
}

#[tokio::test]
async fn a_rotation_during_a_short_freeze_is_not_refused_for_30_seconds() {
    let (stage, verifier, keys, thaw) = thawed(HOUR / 2).await;
    let next = Signer::es256("key-2");
    *keys.lock().unwrap() = json!({"keys": [stage.signer.jwk(), next.jwk()]}).to_string();
    let token = next.token(&stage.claims());
    let first = tokio::spawn({
        let (verifier, token) = (verifier.clone(), token.clone());
        async move { verifier.verify(&token).await.map(drop) }
    });
    tokio::task::yield_now().await;
    thaw.notify_one();
    let first = first.await.unwrap();
    stage.clock.forward(29);
    let second = verifier.verify(&token).await.map(drop);
    assert!(first.is_ok() && second.is_ok(), "the first {first:?}, 29 s later {second:?}");
}

#[tokio::test]
async fn no_key_older_than_24_hours_verifies_after_a_freeze() {
    let (stage, verifier, keys, thaw) = thawed(48 * HOUR).await;
    // The old key was withdrawn long ago.
    *keys.lock().unwrap() = json!({"keys": [Signer::es256("key-2").jwk()]}).to_string();
    let token = stage.signer.token(&stage.claims());
    let first = tokio::spawn({
        let (verifier, token) = (verifier.clone(), token.clone());
        async move { verifier.verify(&token).await.map(drop) }
    });
    tokio::task::yield_now().await;
    thaw.notify_one();
    assert!(first.await.unwrap().is_err(), "a key withdrawn for up to 48 hours verified");
}

#[tokio::test]
async fn keys_that_moved_are_found_when_a_kid_is_unknown() {
    let stage = Stage::new();
    stage.script.set_max_age(24 * HOUR);
    assert!(passes(&stage).await);
    // The provider moves its keys; the old address has a new set no more.
    let next = Signer::es256("key-2");
    stage.script.set_metadata(
        json!({"issuer": ISSUER, "jwks_uri": "https://tollgatedev.ciamlogin.com/new"}),
    );
    let token = next.token(&stage.claims());
    let verdict = stage.verify(&token).await;
    eprintln!("{:?} {:?}", verdict.map(drop), stage.script.asked());
    assert!(stage.script.asked().iter().any(|url| url.ends_with("/new")));
}

#[test]
fn outside_of_a_runtime_it_ends_one_way_or_the_other() {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let stage = Stage::new();
        for _ in 0..2 {
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| {
                let mut future = Box::pin(passes(&stage));
                let waker = std::task::Waker::noop();
                let mut context = std::task::Context::from_waker(waker);
                future.as_mut().poll(&mut context).is_ready()
            }));
            sender.send(format!("{:?}", result.is_err())).unwrap();
        }
    });
    for _ in 0..2 {
        let got = receiver.recv_timeout(Duration::from_secs(10));
        assert!(got.is_ok(), "it hangs");
        eprintln!("panicked: {got:?}");
    }
}

#[tokio::test]
async fn keys_without_ids_can_rotate() {
    let stage = Stage::new();
    let unnamed = |signer: &Signer| merged(signer.jwk(), &json!({"kid": null}));
    let token = |signer: &Signer| {
        signer.token_with(&json!({"alg": "ES256", "typ": "JWT"}), &stage.claims())
    };
    stage.script.publish_jwks(&json!([unnamed(&stage.signer)]));
    assert!(stage.verify(&token(&stage.signer)).await.is_ok());
    let next = Signer::es256("key-2");
    stage.script.publish_jwks(&json!([unnamed(&next)]));
    let verdict = stage.verify(&token(&next)).await;
    assert!(verdict.is_ok(), "{:?}", verdict.map(drop));
}

#[tokio::test]
async fn keys_of_an_https_provider_are_not_asked_for_on_the_loopback() {
    // On Lambda the Runtime API is there: the next event would go to the fetch.
    let stage = Stage::new();
    let next = "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next";
    stage.script.set_metadata(json!({"issuer": ISSUER, "jwks_uri": next}));
    let _ = stage.provider.warm().await;
    assert!(!stage.script.asked().contains(&next.to_owned()), "{:?}", stage.script.asked());
}

#[tokio::test]
async fn the_owner_under_one_issuer_is_not_that_under_another() {
    let entra = Stage::new();
    let other = Party::new("https://idp.example/realms/x");
    let verifier =
        entra.verifier.clone().and(other.provider.clone(), AccessTokenRules::new([API])).unwrap();
    let policy =
        auth::Policy::users_only(vec![auth::Scope::parse("ToDoList.Read").unwrap()]).unwrap();
    let mut owners = Vec::new();
    for token in [entra.signer.token(&entra.claims()), other.token(json!({"oid": "user-1"}))] {
        let auth::Caller::User(user) =
            policy.check(&verifier.verify(&token).await.unwrap()).unwrap()
        else {
            panic!()
        };
        owners.push(user.owner().to_owned());
    }
    assert_ne!(owners[0], owners[1]);
}

#[test]
fn repeated_names_are_found_whatever_the_names() {
    let signer = Signer::es256("a");
    let set = json!({"keys": [signer.jwk()]}).to_string();
    let set = KeySet::parse(set.as_bytes(), &Algorithm::ALL).unwrap();
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for _ in 0..4000 {
        let mut names = vec!["alg".to_owned()];
        for _ in 0..random(70) {
            names.push(format!("{}{}", "z".repeat(random(3) as usize), random(900)));
        }
        let mut sorted = names.clone();
        sorted.sort();
        let repeats = sorted.windows(2).any(|pair| pair[0] == pair[1]);
        let members: Vec<String> =
            names.iter().map(|name| format!("\"{name}\":\"ES256\"")).collect();
        let token = format!("{}.e30.AAAA", base64url(format!("{{{}}}", members.join(","))));
        let code = set.verify_signature_only(&token).unwrap_err().code();
        assert_eq!(repeats, code == "repeated_name", "{names:?}");
    }
}

// --- configuration --------------------------------------------------------

#[tokio::test]
async fn no_leeway_makes_tokens_immortal() {
    let stage = Stage::new();
    let mut config = ProviderConfig::new(ISSUER.parse().unwrap());
    config.algorithms = Algorithm::ALL.to_vec();
    // Milliseconds for seconds, or a "no limit".
    config.leeway = Duration::MAX;
    let provider = Provider::new(config, stage.script.clone(), Arc::new(stage.clock.clone()));
    let verifier = Verifier::new(provider, AccessTokenRules::new([API])).unwrap();
    let token =
        stage.signer.token(&stage.claims_but(&json!({"exp": 1, "nbf": 253_402_300_799_u64})));
    assert!(verifier.verify(&token).await.is_err(), "expired in 1970, valid from 9999, passes");
}

// --- logs -----------------------------------------------------------------

#[test]
fn a_request_can_be_logged_without_its_token() {
    let headers =
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"))]);
    let shown = format!("{:?}", Incoming::new(&Method::GET, "/", &headers));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn claims_can_be_logged_without_what_no_log_may_have() {
    let stage = Stage::new();
    let expected =
        IdTokenExpectations { nonce: Some("n-1".into()), ..IdTokenExpectations::default() };
    let claims = stage.verify_id(json!({"email": "ada@example.com"}), &expected).await.unwrap();
    let shown = format!("{claims:?}");
    assert!(!shown.contains("ada@example.com") && !shown.contains("n-1"), "{shown}");
}

// --- forms ----------------------------------------------------------------

#[test]
fn base64url_is_as_strict_as_another_implementation() {
    let signer = Signer::es256("a");
    let set = json!({"keys": [signer.jwk()]}).to_string();
    let set = KeySet::parse(set.as_bytes(), &Algorithm::ALL).unwrap();
    // The signature part: whether it is decoded shows in the error.
    let head = format!("{}.{}", base64url(r#"{"alg":"ES256","kid":"a"}"#), base64url("{}"));
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let alphabet: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).collect();
    for length in 0..200 {
        for _ in 0..60 {
            let mut text: Vec<char> =
                (0..length).map(|_| alphabet[random() as usize % 64]).collect();
            if length > 0 && random() % 2 == 0 {
                let at = random() as usize % length;
                text[at] = char::from_u32(random() as u32 % 0x180).unwrap_or('x');
            }
            let text: String = text.into_iter().filter(|c| *c != '.').collect();
            let strict = URL_SAFE_NO_PAD.decode(&text).is_ok();
            let error = set.verify_signature_only(&format!("{head}.{text}")).unwrap_err();
            assert_eq!(strict, error.code() != "not_base64url", "{text:?} {error}");
        }
    }
}

#[tokio::test]
async fn odd_times_do_not_panic() {
    let stage = Stage::new();
    for time in [
        "-0",
        "-0.0",
        "0e0",
        "1e-400",
        "253402300799.9999",
        "253402300799.99999999",
        "1e11",
        "18446744073709551616",
        "99999999999999999999999999999999999999999",
    ] {
        for claim in ["exp", "nbf", "iat"] {
            let mut claims = stage.claims_but(&json!({claim: null})).to_string();
            claims.pop();
            let token = stage.signer.sign(
                &stage.signer.header().to_string(),
                &format!("{claims},\"{claim}\":{time}}}"),
            );
            if let Ok(claims) = stage.verify(&token).await {
                let _ = (claims.expires(), claims.document());
            }
        }
    }
}

#[tokio::test]
async fn a_stranger_is_judged_in_time() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    let names = |count: usize| -> String {
        (0..count).map(|at| format!("{at:x}")).collect::<Vec<_>>().join(" ")
    };
    let mut worst = Vec::new();
    for (name, claims) in [
        ("scopes", json!({"scp": names(2300)})),
        ("scp and scope", json!({"scp": names(1000), "scope": names(1000)})),
        ("aud", json!({"aud": names(1500).split(' ').collect::<Vec<_>>()})),
        ("roles", json!({"roles": names(1500).split(' ').collect::<Vec<_>>()})),
    ] {
        let start = Instant::now();
        let _ = stage.verify_but(claims).await;
        worst.push((start.elapsed(), name));
    }
    let start = Instant::now();
    assert_eq!(refused(stranger(&stage, &"x".repeat(9000)).await).code(), "unknown_key");
    worst.push((start.elapsed(), "kid"));
    worst.sort();
    eprintln!("{worst:?}");
}
