//! TOKENS: size, compact form, strict base64url, strict JSON.

use oidc_resource_server::{TokenError, TokenPart};
use serde_json::json;

use crate::{
    signer::base64url,
    stage::{Stage, refused},
};

#[tokio::test]
async fn a_good_token_passes() {
    let stage = Stage::new();
    let claims = stage.verify_but(json!({})).await.unwrap();
    assert_eq!(claims.subject(), "pairwise-1");
    assert_eq!(claims.object_id(), Some("user-1"));
    assert_eq!(claims.document()["uti"], "x");
}

#[tokio::test]
async fn a_token_over_16_kib_is_refused_before_anything_is_decoded() {
    let stage = Stage::new();
    let empty = stage.signer.token(&stage.claims_but(&json!({"pad": ""}))).len();
    let room = (16 * 1024 - empty) / 4 * 3 - 3;
    let fits = stage.signer.token(&stage.claims_but(&json!({"pad": "x".repeat(room)})));
    assert!(fits.len() > 16 * 1024 - 16 && fits.len() <= 16 * 1024, "{}", fits.len());
    assert!(stage.verify(&fits).await.is_ok());

    let verdict = stage.verify(&"!".repeat(16 * 1024)).await;
    assert_eq!(refused(verdict), TokenError::NotCompact { actual: 1 });
    let verdict = stage.verify(&"!".repeat(16 * 1024 + 1)).await;
    assert_eq!(refused(verdict), TokenError::TooLarge { limit: 16384, actual: 16385 });
    assert!(
        refused(stage.verify(&format!("{fits}{}", "A".repeat(16))).await).code() == "too_large"
    );
}

#[tokio::test]
async fn a_token_has_exactly_three_parts() {
    let stage = Stage::new();
    let token = stage.signer.token(&stage.claims());
    for (bad, actual) in
        [(String::new(), 1), ("a.b".into(), 2), (format!("{token}."), 4), ("a.b.c.d.e".into(), 5)]
    {
        assert_eq!(refused(stage.verify(&bad).await), TokenError::NotCompact { actual });
    }
    assert!(stage.verify("..").await.is_err());
    assert!(stage.verify(&format!(" {token}")).await.is_err());
}

#[tokio::test]
async fn padding_other_alphabets_and_trailing_bits_are_refused() {
    let stage = Stage::new();
    let token = stage.signer.token(&stage.claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    for bad in [
        format!("{signature}=="),
        format!("{signature}\n"),
        signature.replacen(&signature[..1], "+", 1),
    ] {
        let error = refused(stage.verify(&format!("{signed}.{bad}")).await);
        assert_eq!(error, TokenError::NotBase64Url { part: TokenPart::Signature });
    }
    // 64 bytes end in a character of which 4 bits count: one of these spells
    // the same bytes with other trailing bits.
    let mut spellings = 0;
    for last in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']) {
        let spelled = format!("{}{last}", &token[..token.len() - 1]);
        spellings += usize::from(stage.verify(&spelled).await.is_ok());
    }
    assert_eq!(spellings, 1);
}

#[tokio::test]
async fn a_duplicate_name_in_header_or_payload_refuses() {
    let stage = Stage::new();
    let (header, payload) = (stage.signer.header().to_string(), stage.claims().to_string());
    let repeat =
        |object: &str, member: &str| format!("{},{member}}}", object.strip_suffix('}').unwrap());
    let token = stage.signer.sign(&repeat(&header, r#""alg":"ES256""#), &payload);
    assert_eq!(
        refused(stage.verify(&token).await),
        TokenError::RepeatedName { part: TokenPart::Header }
    );
    for member in [
        r#""aud":"other""#,
        r#""\u0061ud":"other""#,
        r#""x":{"y":1,"y":1}"#,
        r#""x":[{"y":1,"y":1}]"#,
    ] {
        let token = stage.signer.sign(&header, &repeat(&payload, member));
        assert_eq!(
            refused(stage.verify(&token).await),
            TokenError::RepeatedName { part: TokenPart::Payload },
            "{member}"
        );
    }
}

#[tokio::test]
async fn header_and_payload_must_be_json_objects() {
    let stage = Stage::new();
    let (header, payload) = (stage.signer.header().to_string(), stage.claims().to_string());
    for bad in [format!("[{payload}]"), "null".into(), "\"x\"".into(), "1".into()] {
        let verdict = stage.verify(&stage.signer.sign(&header, &bad)).await;
        assert_eq!(refused(verdict), TokenError::NotAnObject { part: TokenPart::Payload });
        let verdict = stage.verify(&stage.signer.sign(&bad, &payload)).await;
        assert_eq!(refused(verdict), TokenError::NotAnObject { part: TokenPart::Header });
    }
    for bad in ["", "{", "{}{}", "{'a':1}", "{\"a\":1e999}", &"[".repeat(5000)] {
        let verdict = stage.verify(&stage.signer.sign(&header, bad)).await;
        assert_eq!(refused(verdict), TokenError::NotJson { part: TokenPart::Payload });
    }
    let verdict =
        stage.verify(&format!("{}.{}.AAAA", base64url(&header), base64url([b'{', 0xff]))).await;
    assert_eq!(refused(verdict), TokenError::NotJson { part: TokenPart::Payload });
}
