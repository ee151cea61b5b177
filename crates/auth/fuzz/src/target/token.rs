//! Bytes as a whole token, bare and in a request.

use auth::{RequestHead, VerifyError};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};

use crate::{
    answer,
    fixture::{ENTRA, Fixture, PATH, TRUSTED},
    oracle::{
        access,
        jose::{self, Jws},
        json::Tree,
        verdict::{Verdict, agree, all},
    },
    target::header,
};

/// Takes the bytes as an `Authorization` header and, without the scheme, as a
/// token. Whether the request was let in.
pub fn token(bytes: &[u8]) -> bool {
    Fixture::with(|fixture| {
        let (scheme, bare) = match bytes.iter().position(|byte| *byte == b' ') {
            Some(space) => (&bytes[..space], &bytes[space + 1..]),
            None => (&b""[..], bytes),
        };
        let alone = std::str::from_utf8(bare).is_ok_and(|token| is_accepted(fixture, token));

        let Ok(value) = HeaderValue::from_bytes(bytes) else { return false };
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value);
        let request = RequestHead::new(&Method::GET, PATH, &headers);
        let result = fixture.runtime.block_on(fixture.verifier.authenticate(&request));
        let accepted = result.is_ok();
        let is_bearer = scheme.eq_ignore_ascii_case(b"bearer");
        // More spaces around it are nothing of the token's.
        if bare.trim_ascii() == bare {
            assert_eq!(accepted, is_bearer && alone, "in a request, and alone");
        } else {
            assert!(is_bearer || !accepted, "another scheme is accepted");
        }
        if let Err(error) = result {
            answer::check(&fixture.verifier, &request, error);
        }
        accepted
    })
}

fn is_accepted(fixture: &Fixture, token: &str) -> bool {
    let result = fixture.runtime.block_on(fixture.verifier.verify(token));
    assert!(!matches!(result, Err(VerifyError::Unavailable(_))), "the keys are there");
    let accepted = result.is_ok();
    let said = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    agree(accepted, expected(fixture, token), token.as_bytes(), &said);
    if let Ok(claims) = result {
        let jws = Jws::split(token).expect("it was accepted");
        access::compare(&Tree::parse(&jws.payload).expect("it was accepted"), &claims);
    }
    accepted
}

fn expected(fixture: &Fixture, token: &str) -> Verdict {
    let Some(jws) = Jws::split(token).filter(|_| token.len() <= 16 * 1024) else {
        return Some(false);
    };
    let iss = Tree::parse(&jws.payload);
    let iss = iss.as_ref().and_then(|tree| tree.get("iss")).and_then(Tree::text);
    let trust = TRUSTED.iter().find(|trust| Some(trust.issuer) == iss).unwrap_or(&ENTRA);
    all([
        // No seed is signed by another key of the provider's.
        Some(fixture.signer.made(jws.signed, &jws.signature)),
        header::expected(&jws.header, trust),
        jose::object(&jws.payload, |tree| access::claims(tree, false)),
    ])
}
