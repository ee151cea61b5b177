//! TOKENS: size, compact form, strict base64url, strict JSON.

use oidc_resource_server::{TokenError, TokenPart};
use serde_json::json;

use crate::{
    harness::{Harness, refused},
    signer::base64url,
};

#[tokio::test]
async fn a_good_token_passes() {
    let harness = Harness::new();
    let claims = harness.verify_but(json!({})).await.unwrap();
    assert_eq!(claims.subject(), "pairwise-1");
    assert_eq!(claims.object_id(), Some("user-1"));
    assert_eq!(claims.document()["uti"], "x");
}

#[tokio::test]
async fn a_token_over_16_kib_is_refused_before_anything_is_decoded() {
    let harness = Harness::new();
    let empty = harness.signer.token(&harness.claims_but(&json!({"pad": ""}))).len();
    let room = (16 * 1024 - empty) / 4 * 3 - 3;
    let fits = harness.signer.token(&harness.claims_but(&json!({"pad": "x".repeat(room)})));
    assert!(fits.len() > 16 * 1024 - 16 && fits.len() <= 16 * 1024, "{}", fits.len());
    assert!(harness.verify(&fits).await.is_ok());

    let verdict = harness.verify(&"!".repeat(16 * 1024)).await;
    assert_eq!(refused(verdict), TokenError::NotCompact { actual: 1 });
    let verdict = harness.verify(&"!".repeat(16 * 1024 + 1)).await;
    assert_eq!(refused(verdict), TokenError::TooLarge { limit: 16384, actual: 16385 });
    assert!(
        refused(harness.verify(&format!("{fits}{}", "A".repeat(16))).await).code() == "too_large"
    );
}

#[tokio::test]
async fn a_token_has_exactly_three_parts() {
    let harness = Harness::new();
    let token = harness.signer.token(&harness.claims());
    for (bad, actual) in
        [(String::new(), 1), ("a.b".into(), 2), (format!("{token}."), 4), ("a.b.c.d.e".into(), 5)]
    {
        assert_eq!(refused(harness.verify(&bad).await), TokenError::NotCompact { actual });
    }
    assert!(harness.verify("..").await.is_err());
    assert!(harness.verify(&format!(" {token}")).await.is_err());
}

#[tokio::test]
async fn padding_other_alphabets_and_trailing_bits_are_refused() {
    let harness = Harness::new();
    let token = harness.signer.token(&harness.claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    for bad in [
        format!("{signature}=="),
        format!("{signature}\n"),
        signature.replacen(&signature[..1], "+", 1),
    ] {
        let error = refused(harness.verify(&format!("{signed}.{bad}")).await);
        assert_eq!(error, TokenError::NotBase64Url { part: TokenPart::Signature });
    }
    // 64 bytes end in a character of which 4 bits count: one of these spells
    // the same bytes with other trailing bits.
    let mut spellings = 0;
    for last in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']) {
        let spelled = format!("{}{last}", &token[..token.len() - 1]);
        spellings += usize::from(harness.verify(&spelled).await.is_ok());
    }
    assert_eq!(spellings, 1);
}

#[tokio::test]
async fn a_duplicate_name_in_header_or_payload_refuses() {
    let harness = Harness::new();
    let (header, payload) = (harness.signer.header().to_string(), harness.claims().to_string());
    let repeat =
        |object: &str, member: &str| format!("{},{member}}}", object.strip_suffix('}').unwrap());
    let token = harness.signer.sign(&repeat(&header, r#""alg":"ES256""#), &payload);
    assert_eq!(
        refused(harness.verify(&token).await),
        TokenError::RepeatedName { part: TokenPart::Header }
    );
    for member in [
        r#""aud":"other""#,
        r#""\u0061ud":"other""#,
        r#""x":{"y":1,"y":1}"#,
        r#""x":[{"y":1,"y":1}]"#,
    ] {
        let token = harness.signer.sign(&header, &repeat(&payload, member));
        assert_eq!(
            refused(harness.verify(&token).await),
            TokenError::RepeatedName { part: TokenPart::Payload },
            "{member}"
        );
    }
}

#[tokio::test]
async fn header_and_payload_must_be_json_objects() {
    let harness = Harness::new();
    let (header, payload) = (harness.signer.header().to_string(), harness.claims().to_string());
    for bad in [format!("[{payload}]"), "null".into(), "\"x\"".into(), "1".into()] {
        let verdict = harness.verify(&harness.signer.sign(&header, &bad)).await;
        assert_eq!(refused(verdict), TokenError::NotAnObject { part: TokenPart::Payload });
        let verdict = harness.verify(&harness.signer.sign(&bad, &payload)).await;
        assert_eq!(refused(verdict), TokenError::NotAnObject { part: TokenPart::Header });
    }
    for bad in ["", "{", "{}{}", "{'a':1}", "{\"a\":1e999}", &"[".repeat(5000)] {
        let verdict = harness.verify(&harness.signer.sign(&header, bad)).await;
        assert_eq!(refused(verdict), TokenError::NotJson { part: TokenPart::Payload });
    }
    let verdict =
        harness.verify(&format!("{}.{}.AAAA", base64url(&header), base64url([b'{', 0xff]))).await;
    assert_eq!(refused(verdict), TokenError::NotJson { part: TokenPart::Payload });
}
