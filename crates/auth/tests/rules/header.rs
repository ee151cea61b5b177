//! TOKENS: `alg`, `crit`, `typ`, and keys that come with the token.

use oidc_resource_server::{Algorithm, TokenError, TokenType};
use serde_json::{Value, json};

use crate::{
    harness::{Harness, refused},
    signer::{Signer, base64url},
};

fn with(harness: &Harness, changes: &Value) -> String {
    let mut header = harness.signer.header();
    for (name, value) in changes.as_object().unwrap() {
        header[name] = value.clone();
    }
    harness.signer.token_with(&header, &harness.claims())
}

#[tokio::test]
async fn alg_none_and_hmac_are_refused_whatever_the_configuration() {
    let harness = Harness::new();
    let payload = base64url(harness.claims().to_string());
    for alg in [
        "none", "None", "NONE", "", "HS256", "HS384", "HS512", "rs256", "ES512", "RSA1_5", "EdDSA ",
    ] {
        let header = base64url(json!({"alg": alg, "kid": "key-1"}).to_string());
        for signature in ["", "AAAA"] {
            let error = refused(harness.verify(&format!("{header}.{payload}.{signature}")).await);
            assert_eq!(error.code(), "algorithm_not_allowed", "{alg}");
        }
        assert!(alg.parse::<Algorithm>().is_err(), "{alg} can be configured");
    }
}

#[tokio::test]
async fn alg_must_be_on_the_issuers_allow_list() {
    let harness = Harness::signer(Signer::rsa_with("key-1", Algorithm::RS384), &[Algorithm::RS256]);
    let error = harness.refusal(json!({})).await;
    assert!(
        matches!(error, TokenError::AlgorithmNotAllowed { ref expected, .. } if expected == &[Algorithm::RS256])
    );
}

#[tokio::test]
async fn every_algorithm_that_is_allowed_verifies() {
    for algorithm in Algorithm::ALL {
        let signer = match algorithm {
            Algorithm::ES256 => Signer::es256("key-1"),
            Algorithm::ES384 => Signer::es384("key-1"),
            Algorithm::EdDSA => Signer::eddsa("key-1"),
            rsa => Signer::rsa_with("key-1", rsa),
        };
        let harness = Harness::signer(signer, &[algorithm]);
        assert!(harness.verify_but(json!({})).await.is_ok(), "{algorithm}");
        let unknown_key = if algorithm == Algorithm::ES256 {
            Signer::eddsa("key-1")
        } else {
            Signer::es256("key-1")
        };
        let header = harness.signer.header();
        let token = unknown_key.token_with(&header, &harness.claims());
        assert_eq!(refused(harness.verify(&token).await), TokenError::BadSignature, "{algorithm}");
    }
}

#[tokio::test]
async fn a_token_that_another_library_made_verifies() {
    let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
    );
    let pair = pair.unwrap();
    let point = aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref().to_vec();
    let harness = Harness::new();
    let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
    harness
        .script
        .publish_jwks(&json!([{"kty": "EC", "crv": "P-256", "kid": "other", "x": x, "y": y}]));
    let key = jsonwebtoken::EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.kid = Some("other".into());
    let token = jsonwebtoken::encode(&header, &harness.claims(), &key).unwrap();
    assert!(harness.verify(&token).await.is_ok());
}

#[tokio::test]
async fn alg_must_agree_with_the_key() {
    // The classic: a public RSA key used as an HMAC secret, an elliptic key
    // named by an RSA token, a key reserved for another algorithm.
    let harness = Harness::signer(Signer::rsa("key-1"), &Algorithm::ALL);
    let mut jwk = harness.signer.jwk();
    jwk["alg"] = json!("RS512");
    harness.script.publish_jwks(&json!([jwk, Signer::es256("key-2").jwk()]));
    assert_eq!(harness.refusal(json!({})).await.code(), "key_mismatch");
    assert_eq!(
        refused(harness.verify(&with(&harness, &json!({"kid": "key-2"}))).await).code(),
        "key_mismatch"
    );
    assert_eq!(harness.script.key_fetches(), 1, "a key that is known must not be asked for again");
}

#[tokio::test]
async fn any_crit_refuses() {
    let harness = Harness::new();
    for crit in [json!(["exp"]), json!([]), json!(null), json!("x"), json!(["b64"])] {
        let error =
            refused(harness.verify(&with(&harness, &json!({"crit": crit, "b64": true}))).await);
        assert_eq!(error, TokenError::CriticalExtension);
    }
}

#[tokio::test]
async fn keys_and_addresses_in_the_header_are_ignored() {
    let harness = Harness::new();
    let attacker = Signer::es256("evil");
    let mut header = attacker.header();
    for (name, value) in [
        ("jwk", attacker.jwk()),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA"])),
    ] {
        header[name] = value;
    }
    let verdict = harness.verify(&attacker.token_with(&header, &harness.claims())).await;
    assert_eq!(refused(verdict).code(), "unknown_key");
    assert!(harness.script.asked().iter().all(|url| !url.contains("evil")));

    header["kid"] = json!("key-1");
    let verdict = harness.verify(&attacker.token_with(&header, &harness.claims())).await;
    assert_eq!(refused(verdict), TokenError::BadSignature);
    // And they harm nobody who is who they say.
    header["alg"] = json!("ES256");
    assert!(harness.verify(&harness.signer.token_with(&header, &harness.claims())).await.is_ok());
}

#[tokio::test]
async fn typ_absent_jwt_and_at_jwt_pass_by_default() {
    let harness = Harness::new();
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"] {
        assert!(harness.verify(&with(&harness, &json!({"typ": typ}))).await.is_ok(), "{typ}");
    }
    let token =
        harness.signer.token_with(&json!({"alg": "ES256", "kid": "key-1"}), &harness.claims());
    assert!(harness.verify(&token).await.is_ok());
}

#[tokio::test]
async fn dpop_and_logout_tokens_never_pass_as_access_tokens() {
    for token_types in [
        vec![],
        vec![TokenType::Jwt],
        vec![TokenType::AtJwt],
        vec![TokenType::AtJwt, TokenType::Jwt],
    ] {
        let harness = Harness::rules(|rules| rules.token_types = token_types);
        for typ in [
            "dpop+jwt",
            "logout+jwt",
            "application/logout+jwt",
            "secevent+jwt",
            "",
            "JWS",
            "at+jwt ",
        ] {
            let error = refused(harness.verify(&with(&harness, &json!({"typ": typ}))).await);
            assert_eq!(error.code(), "wrong_type", "{typ}");
        }
    }
    assert!("logout+jwt".parse::<TokenType>().is_err());
    assert!("dpop+jwt".parse::<TokenType>().is_err());
}

#[tokio::test]
async fn at_jwt_alone_requires_the_claims_of_rfc_9068() {
    let alone = Harness::rules(|rules| rules.token_types = vec![TokenType::AtJwt]);
    let both = Harness::rules(|rules| rules.token_types = vec![TokenType::AtJwt, TokenType::Jwt]);
    let header = json!({"alg": "ES256", "kid": "key-1", "typ": "at+jwt"});
    let complete = json!({"client_id": "c-1", "jti": "j-1"});
    for claim in ["client_id", "jti", "iat"] {
        let mut changes = complete.clone();
        changes[claim] = json!(null);
        let token =
            |harness: &Harness| harness.signer.token_with(&header, &harness.claims_but(&changes));
        let error = refused(alone.verify(&token(&alone)).await);
        assert_eq!(error, TokenError::ClaimMissing { claim: claim.into() });
        assert!(both.verify(&token(&both)).await.is_ok(), "{claim}");
    }
}

#[tokio::test]
async fn at_jwt_alone_can_be_required() {
    let harness = Harness::rules(|rules| rules.token_types = vec![TokenType::AtJwt]);
    let header = json!({"alg": "ES256", "kid": "key-1", "typ": "at+jwt"});
    let claims = harness.claims_but(&json!({"client_id": "c-1", "jti": "j-1"}));
    assert!(harness.verify(&harness.signer.token_with(&header, &claims)).await.is_ok());
    assert_eq!(
        refused(harness.verify(&with(&harness, &json!({"typ": "JWT"}))).await).code(),
        "wrong_type"
    );
    let absent =
        harness.signer.token_with(&json!({"alg": "ES256", "kid": "key-1"}), &harness.claims());
    assert_eq!(refused(harness.verify(&absent).await).code(), "wrong_type");

    let harness = Harness::rules(|rules| rules.token_types = vec![TokenType::Jwt]);
    assert_eq!(
        refused(harness.verify(&with(&harness, &json!({"typ": "at+jwt"}))).await).code(),
        "wrong_type"
    );
}

#[tokio::test]
async fn header_parameters_have_their_types() {
    let harness = Harness::new();
    for changes in [
        json!({"alg": 1}),
        json!({"alg": null}),
        json!({"kid": 7}),
        json!({"kid": null}),
        json!({"kid": ["key-1"]}),
        json!({"typ": 1}),
    ] {
        let error = refused(harness.verify(&with(&harness, &changes)).await);
        assert_eq!(error.code(), "header_malformed", "{changes}");
    }
    let token = harness.signer.token_with(&json!({"kid": "key-1"}), &harness.claims());
    assert_eq!(refused(harness.verify(&token).await).code(), "header_malformed");
}

#[test]
fn an_algorithm_is_written_as_it_is_read() {
    for algorithm in Algorithm::ALL {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
}
