//! Bytes as a `DPoP` proof, or a part of one.

use auth::{AuthError, ProofError, RequestHead, Verifier};
use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use serde_json::json;
use url::Url;

use crate::{
    answer,
    fixture::{Fixture, NOW, PATH, TARGET, nonces},
    oracle::{
        access::{before, time},
        jose::{self, Jws},
        json::Tree,
        verdict::{Verdict, agree, all},
    },
    signer::{Signer, base64url},
};

const WINDOW: f64 = 60.0;

/// Takes the bytes after the first as what the first says: `w` the whole header,
/// `c` the claims and `h` the header of a proof that the client signs; `n` the
/// claims where proofs need a nonce. Any other byte counts as one of these.
/// Whether the proof was accepted.
pub fn dpop_proof(bytes: &[u8]) -> bool {
    let Some((kind, bytes)) = bytes.split_first() else { return false };
    Fixture::with(|fixture| {
        let client = &fixture.client;
        let kind = match kind {
            b'w' | b'c' | b'h' | b'n' => *kind,
            other => [b'w', b'c', b'h', b'n'][usize::from(*other) % 4],
        };
        let needs_nonce = kind == b'n';
        let token = &fixture.bound_token;
        let claims = |bytes: &[u8]| jose::object(bytes, |tree| claims(tree, token, needs_nonce));
        let header = |bytes: &[u8]| jose::object(bytes, |tree| header(tree, client));
        let (proof, expected) = match kind {
            b'w' => {
                let whole = std::str::from_utf8(bytes).ok().and_then(Jws::split);
                let expected = whole.map_or(Some(false), |jws| {
                    let signed = client.made(jws.signed, &jws.signature);
                    all([header(&jws.header), claims(&jws.payload), Some(signed)])
                });
                (bytes.to_vec(), expected)
            }
            b'h' => (client.sign(bytes, good_claims(token)).into_bytes(), header(bytes)),
            _ => (client.sign(good_header(client), bytes).into_bytes(), claims(bytes)),
        };
        let Ok(value) = HeaderValue::from_bytes(&proof) else { return false };
        let expected = if proof.len() > 16 * 1024 { Some(false) } else { expected };
        let verifier = fixture.with_dpop(needs_nonce.then(nonces));
        let (accepted, said) = present(fixture, &verifier, &value);
        agree(accepted, expected, bytes, &said);
        if accepted {
            let (again, said) = present(fixture, &verifier, &value);
            assert!(!again, "a proof is accepted twice");
            assert_eq!(said, AuthError::from(ProofError::Replayed).to_string());
        }
        accepted
    })
}

fn present(fixture: &Fixture, verifier: &Verifier, proof: &HeaderValue) -> (bool, String) {
    let mut headers = HeaderMap::new();
    let authorization = HeaderValue::try_from(format!("DPoP {}", fixture.bound_token));
    headers.insert(AUTHORIZATION, authorization.expect("a token goes into a header"));
    headers.insert("dpop", proof.clone());
    let request = RequestHead::new(&Method::POST, PATH, &headers);
    match fixture.runtime.block_on(verifier.authenticate(&request)) {
        Ok(_) => (true, String::new()),
        Err(error) => {
            let said = error.to_string();
            assert!(matches!(error, AuthError::Proof(_)), "the token is good, but: {said}");
            answer::check(verifier, &request, error);
            (false, said)
        }
    }
}

fn good_header(client: &Signer) -> String {
    json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": client.public_jwk()}).to_string()
}

fn good_claims(token: &str) -> String {
    json!({"jti": "proof-1", "htm": "POST", "htu": TARGET, "iat": NOW, "ath": hash(token)})
        .to_string()
}

fn hash(token: &str) -> String {
    base64url(digest(&SHA256, token.as_bytes()))
}

/// RFC 9449, section 4.3, of a header.
fn header(tree: &Tree, client: &Signer) -> Verdict {
    const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    all([
        jose::header(tree, "ES256", &[Some("dpop+jwt")]),
        Some(tree.get("jwk").is_some_and(|jwk| {
            jose::is_key_of(jwk, client) && PRIVATE.iter().all(|name| jwk.get(name).is_none())
        })),
    ])
}

/// RFC 9449, section 4.3, of the claims.
fn claims(tree: &Tree, token: &str, needs_nonce: bool) -> Verdict {
    let text = |name| tree.get(name).and_then(Tree::text);
    #[expect(clippy::cast_precision_loss, reason = "a time in this century")]
    let now = NOW as f64;
    let iat = time(tree.get("iat"))
        .map_or(Some(false), |iat| all([before(iat, now + WINDOW), before(now - WINDOW, iat)]));
    all([
        Some(text("jti").is_some_and(|jti| !jti.is_empty())),
        Some(text("htm") == Some("POST")),
        Some(text("ath") == Some(&hash(token))),
        iat,
        text("htu").map_or(Some(false), target),
        // Whether it is one of ours only its maker can tell.
        if needs_nonce && text("nonce").is_none_or(str::is_empty) {
            Some(false)
        } else {
            Some(true)
        },
        if needs_nonce { None } else { Some(true) },
    ])
}

/// Whether it is the request's address: certain when it is written as here.
fn target(htu: &str) -> Verdict {
    if htu == TARGET {
        return Some(true);
    }
    let Ok(url) = Url::parse(htu) else { return Some(false) };
    let is_same = url.origin() == Url::parse(TARGET).expect("an address").origin()
        && url.username().is_empty()
        && url.password().is_none()
        && decoded(url.path()) == decoded(PATH);
    if is_same { None } else { Some(false) }
}

fn decoded(path: &str) -> Vec<u8> {
    let mut rest = path.as_bytes();
    let mut decoded = Vec::new();
    while let [byte, after @ ..] = rest {
        let escaped = after
            .get(..2)
            .filter(|hex| *byte == b'%' && hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        decoded.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    decoded
}
