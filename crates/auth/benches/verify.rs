//! temp
use auth::*;
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::*,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use criterion::Criterion;
use futures_util::FutureExt;
use serde_json::json;
use std::{hint::black_box, sync::Arc, time::SystemTime};

struct F(String, String);
impl Fetch for F {
    fn fetch<'a>(&'a self, url: &'a url::Url) -> FetchFuture<'a> {
        let body = if url.as_str().ends_with("keys") { self.1.clone() } else { self.0.clone() };
        Box::pin(async move { Ok(Fetched { body: body.into_bytes(), max_age: None }) })
    }
}
fn main() {
    let b64 = |b: &[u8]| URL_SAFE_NO_PAD.encode(b);
    let tenant = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
    let iss = format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0");
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let jwks = json!({"keys":[{"kty":"RSA","use":"sig","kid":"k1","n":b64(&public.n),"e":b64(&public.e)}]}).to_string();
    let meta = json!({"issuer": iss, "jwks_uri":"https://a.example/keys"}).to_string();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({"aud":"11111111-aaaa-4aaa-8aaa-111111111111","iss":iss,"iat":now,"nbf":now,"exp":now+3600,"azp":"22222222-bbbb-4bbb-8bbb-222222222222","azpacr":"1","oid":"ada10000-0000-4000-8000-000000001815","sub":"kFJ8r0H2aXkq3m1v9bQ0pW7tYcUe5sGdLhNiOjPzRxA","tid":tenant,"scp":"ToDoList.Read ToDoList.ReadWrite","ver":"2.0","uti":"AbCdEfGhIjKlMnOpQrStUv","rh":"1.AXkA","aio":"ATQAy/8TAAAAabcdefghijklmnopqrstuvwxyz0123456789"});
    let sign = |h: &str, p: &str| {
        let s = format!("{}.{}", b64(h.as_bytes()), b64(p.as_bytes()));
        let mut sig = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), s.as_bytes(), &mut sig).unwrap();
        format!("{s}.{}", b64(&sig))
    };
    let header = r#"{"typ":"JWT","alg":"RS256","kid":"k1"}"#;
    let token = sign(header, &claims.to_string());
    println!("token {} bytes", token.len());
    let provider = Provider::new(
        ProviderConfig::new(iss.parse().unwrap()),
        F(meta, jwks),
        Arc::new(SystemClock),
    );
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rules = AccessTokenRules::new(["11111111-aaaa-4aaa-8aaa-111111111111"]);
    let tokens = Verifier::new(provider.clone(), rules).unwrap();
    rt.block_on(provider.warm()).unwrap();
    rt.block_on(tokens.verify(&token)).unwrap();
    let policy =
        Policy::any_of(vec!["ToDoList.Read".parse().unwrap()], vec!["x".parse().unwrap()]).unwrap();
    let mut c = Criterion::default().configure_from_args();
    let parsed = RsaPublicKeyComponents { n: &public.n, e: &public.e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .unwrap();
    let (msg, sig) = token.rsplit_once('.').unwrap();
    let sig = URL_SAFE_NO_PAD.decode(sig).unwrap();
    c.bench_function("bare", |b| {
        b.iter(|| parsed.verify_sig(black_box(msg.as_bytes()), black_box(&sig)).unwrap())
    });
    c.bench_function("authorise", |b| {
        b.iter(|| {
            let v = tokens.verify(black_box(&token)).now_or_never().unwrap().unwrap();
            policy.check(&v).unwrap()
        })
    });
    let key = jsonwebtoken::DecodingKey::from_rsa_raw_components(&public.n, &public.e);
    let mut val = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    val.set_audience(&["11111111-aaaa-4aaa-8aaa-111111111111"]);
    val.set_issuer(&[&iss]);
    val.validate_nbf = true;
    c.bench_function("jsonwebtoken", |b| {
        b.iter(|| {
            jsonwebtoken::decode::<serde_json::Map<String, serde_json::Value>>(
                black_box(&token),
                &key,
                &val,
            )
            .unwrap()
        })
    });
    #[derive(serde::Deserialize)]
    #[allow(dead_code)]
    struct C {
        iss: String,
        aud: String,
        scp: String,
        sub: String,
        exp: u64,
    }
    c.bench_function("jsonwebtoken_struct", |b| {
        b.iter(|| jsonwebtoken::decode::<C>(black_box(&token), &key, &val).unwrap())
    });
    for (name, change) in [
        ("expired", json!({"exp": 0})),
        ("aud", json!({"aud":"x"})),
        ("iss", json!({"iss":"https://x.example"})),
    ] {
        let mut cl = claims.clone();
        for (k, v) in change.as_object().unwrap() {
            cl[k] = v.clone();
        }
        let t = sign(header, &cl.to_string());
        c.bench_function(name, |b| {
            b.iter(|| tokens.verify(black_box(&t)).now_or_never().unwrap().unwrap_err())
        });
    }
    c.bench_function("malformed", |b| {
        b.iter(|| {
            tokens
                .verify(black_box(&token[..token.len() - 40]))
                .now_or_never()
                .unwrap()
                .unwrap_err()
        })
    });
}
