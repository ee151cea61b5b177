//! Bytes as the header of a token that is good besides.

use crate::{
    answer,
    fixture::{ENTRA, Fixture, RFC_9068, TestIssuer, good_claims},
    oracle::{
        jose,
        json::Tree,
        verdict::{Verdict, agree, all},
    },
};

/// Takes the bytes as the header of two tokens: one of an issuer that takes any
/// `typ` and has two keys for ES256, one of an issuer that demands `at+jwt` and
/// has one. Whether the first was accepted.
pub fn header(bytes: &[u8]) -> bool {
    let [accepted, _] = [ENTRA, RFC_9068].map(|trust| is_accepted(bytes, &trust));
    accepted
}

fn is_accepted(bytes: &[u8], trust: &TestIssuer) -> bool {
    Fixture::with(|fixture| {
        let token = fixture.signer.sign(bytes, good_claims(trust).to_string());
        let result = fixture.runtime.block_on(fixture.verifier.verify(&token));
        let accepted = result.is_ok();
        let said = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        // A long header makes the token too large.
        if token.len() <= 16 * 1024 {
            agree(accepted, expected(bytes, trust), bytes, &said);
        } else {
            assert!(!accepted, "a token of {} bytes is accepted", token.len());
        }
        if let Err(error) = result {
            answer::check_alone(&fixture.verifier, error);
        }
        accepted
    })
}

/// Of a token that the provider's ES256 key signed.
pub(crate) fn expected(bytes: &[u8], trust: &TestIssuer) -> Verdict {
    let types = if trust.at_jwt_only {
        &[Some("at+jwt")][..]
    } else {
        &[Some("at+jwt"), Some("jwt"), None]
    };
    jose::object(bytes, |tree| {
        let kid = tree.get("kid").map(Tree::text);
        let names_the_key = match kid {
            None => trust.one_key,
            Some(kid) => kid == Some("key-1"),
        };
        all([jose::header(tree, "ES256", types), Some(names_the_key)])
    })
}
