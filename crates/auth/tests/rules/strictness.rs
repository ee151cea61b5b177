//! Strict forms, held against another reading of the same rules.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use oidc_resource_server::{Algorithm, KeySet};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    harness::Harness,
    signer::{Signer, base64url},
};

/// Why a set with one key refuses this token.
fn error_of(token: &str) -> &'static str {
    let set = json!({"keys": [Signer::es256("a").jwk()]}).to_string();
    let set = KeySet::parse(set.as_bytes(), &Algorithm::ALL).unwrap();
    set.verify_signature_only(token).unwrap_err().code()
}

proptest! {
    #[test]
    fn repeated_names_are_found_whatever_the_names(
        names in prop::collection::vec("z{0,2}[0-9]{1,3}", 0..70),
    ) {
        let names: Vec<String> = [vec!["alg".to_owned()], names].concat();
        let mut sorted = names.clone();
        sorted.sort();
        let repeats = sorted.windows(2).any(|pair| pair[0] == pair[1]);
        let members: Vec<String> =
            names.iter().map(|name| format!("\"{name}\":\"ES256\"")).collect();
        let token = format!("{}.e30.AAAA", base64url(format!("{{{}}}", members.join(","))));
        prop_assert_eq!(repeats, error_of(&token) == "repeated_name", "{:?}", names);
    }

    #[test]
    fn base64url_is_as_strict_as_another_implementation(
        text in prop_oneof!["[A-Za-z0-9_-]{0,200}", "[A-Za-z0-9_-]{0,70}[^.][A-Za-z0-9_-]{0,70}"],
    ) {
        let strict = URL_SAFE_NO_PAD.decode(&text).is_ok();
        // Of the signature, so that everything before it is good.
        let header = base64url(r#"{"alg":"ES256","kid":"a"}"#);
        let token = format!("{header}.{}.{text}", base64url("{}"));
        prop_assert_eq!(strict, error_of(&token) != "not_base64url", "{:?}", text);
    }
}

#[tokio::test]
async fn odd_times_do_not_panic() {
    let harness = Harness::new();
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
            let mut claims = harness.claims_but(&json!({claim: null})).to_string();
            claims.pop();
            let token = harness.signer.sign(
                &harness.signer.header().to_string(),
                &format!("{claims},\"{claim}\":{time}}}"),
            );
            // Whatever the verdict: what is accepted can be read.
            if let Ok(claims) = harness.verify(&token).await {
                assert!(claims.expires() > std::time::UNIX_EPOCH);
                assert!(claims.document().contains_key("exp"));
            }
        }
    }
}
