//! `DPoP` proofs, whole and in parts.

use auth_fuzz::{
    fixture::{Fixture, NOW, TARGET, nonce},
    signer::{Signer, base64url},
};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::{Seed, but, seed, signed, with};

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = headers();
    seeds.extend(claims());
    seeds.extend(whole());
    seeds
}

fn header() -> Value {
    json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": Signer::client().public_jwk()})
}

fn good_claims() -> Value {
    let ath = Fixture::with(|fixture| base64url(digest(&SHA256, fixture.bound_token.as_bytes())));
    json!({"jti": "-BwC3ESc6acc2lTc", "htm": "POST", "htu": TARGET, "iat": NOW, "ath": ath})
}

fn headers() -> Vec<Seed> {
    let header = header();
    let h = |name: &str, header: &Value| seed(name, format!("h{header}"));
    let jwk = |name: &str, changes: Value| {
        h(name, &but(&header, &json!({"jwk": but(&header["jwk"], &changes)})))
    };
    vec![
        h("good-header", &header),
        h("good-header-media-type", &but(&header, &json!({"typ": "application/DPoP+JWT"}))),
        jwk("good-header-jwk-with-more", json!({"kid": "1", "use": "sig", "alg": "ES256"})),
        h("bad-header-typ-jwt", &but(&header, &json!({"typ": "JWT"}))),
        h("bad-header-alg-none", &but(&header, &json!({"alg": "none"}))),
        h("bad-header-alg-of-another-kind", &but(&header, &json!({"alg": "EdDSA"}))),
        h("bad-header-without-jwk", &but(&header, &json!({"jwk": null}))),
        h("bad-header-jwk-list", &but(&header, &json!({"jwk": [header["jwk"]]}))),
        h(
            "bad-header-jwk-of-another",
            &but(&header, &json!({"jwk": Signer::provider().public_jwk()})),
        ),
        h("bad-header-crit", &but(&header, &json!({"crit": ["jwk"]}))),
        jwk("bad-header-private-key", json!({"d": "AAAA"})),
        jwk("bad-header-off-the-curve", json!({"y": header["jwk"]["x"]})),
        jwk("bad-header-kty", json!({"kty": "EC\u{0}"})),
        seed("bad-header-repeated-jwk", format!("h{}", with(&header, r#""jwk":{}"#))),
    ]
}

fn claims() -> Vec<Seed> {
    let claims = good_claims();
    let c = |name: &str, changes: Value| seed(name, format!("c{}", but(&claims, &changes)));
    let nonce = nonce();
    vec![
        c("good-claims", json!({})),
        c("good-claims-oldest", json!({"iat": NOW - 60})),
        c("good-claims-newest", json!({"iat": NOW + 60})),
        c(
            "good-claims-htu-other-spelling",
            json!({"htu": "HTTPS://API.example:443/x/../todos/%61%2fb?q=1#f"}),
        ),
        c("good-claims-jti-odd", json!({"jti": "\u{0}\u{202e}"})),
        c("bad-claims-too-old", json!({"iat": NOW - 61})),
        c("bad-claims-from-the-future", json!({"iat": NOW + 61})),
        c("bad-claims-iat-1e300", json!({"iat": 1e300})),
        c("bad-claims-iat-string", json!({"iat": NOW.to_string()})),
        c("bad-claims-method", json!({"htm": "post"})),
        c("bad-claims-path", json!({"htu": "https://api.example/todos/a/b"})),
        c("bad-claims-host", json!({"htu": "https://api.example.evil.example/todos/a%2Fb"})),
        c("bad-claims-user", json!({"htu": "https://me@api.example/todos/a%2Fb"})),
        c("bad-claims-htu-cut-escape", json!({"htu": "https://api.example/todos/a%2"})),
        c(
            "bad-claims-htu-escape-within-a-character",
            json!({"htu": "https://api.example/todos/%é"}),
        ),
        c("bad-claims-other-token", json!({"ath": base64url([0; 32])})),
        c("bad-claims-without-ath", json!({"ath": null})),
        c("bad-claims-jti-empty", json!({"jti": ""})),
        c("bad-claims-jti-number", json!({"jti": 1})),
        seed("good-nonce", format!("n{}", but(&claims, &json!({"nonce": nonce})))),
        seed("bad-nonce-missing", format!("n{claims}")),
        seed(
            "bad-nonce-changed",
            format!("n{}", but(&claims, &json!({"nonce": format!("B{}", &nonce[1..])}))),
        ),
        seed("bad-nonce-cut-off", format!("n{}", but(&claims, &json!({"nonce": &nonce[..12]})))),
    ]
}

fn whole() -> Vec<Seed> {
    let (client, claims) = (Signer::client(), good_claims().to_string());
    let proof = client.sign(header().to_string(), &claims);
    let forged = Signer::untrusted().sign(header().to_string(), &claims);
    vec![
        signed("good-whole", format!("w{proof}")),
        signed("bad-whole-padded", format!("w{proof}=")),
        signed("bad-whole-two", format!("w{proof}, {proof}")),
        signed("bad-whole-forged", format!("w{forged}")),
        seed("bad-whole-empty", "w"),
        seed("bad-whole-characters", b"w\xff\xfe".to_vec()),
        seed("bad-whole-too-large", format!("w{}", "A".repeat(16 * 1024 + 1))),
    ]
}
