//! Bytes as the payload of a token that is good besides.

use crate::{
    answer,
    fixture::{Fixture, good_header},
    oracle::{access, jose, json::Tree, verdict::agree},
};

/// Takes the bytes as the payload of a token; its `iss` decides whose it is.
/// Whether it was accepted.
pub fn payload(bytes: &[u8]) -> bool {
    Fixture::with(|fixture| {
        let token = fixture.signer.sign(good_header().to_string(), bytes);
        let result = fixture.runtime.block_on(fixture.verifier.verify(&token));
        let accepted = result.is_ok();
        let said = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        if token.len() <= 16 * 1024 {
            agree(accepted, jose::object(bytes, |tree| access::claims(tree, false)), bytes, &said);
        } else {
            assert!(!accepted, "a token of {} bytes is accepted", token.len());
        }
        match result {
            Ok(claims) => access::compare(&Tree::parse(bytes).expect("it was accepted"), &claims),
            Err(error) => {
                answer::check_alone(&fixture.verifier, error);
            }
        }
        accepted
    })
}
