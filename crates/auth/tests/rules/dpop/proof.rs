//! RFC 9449, section 4.3: form, type, algorithm and claims of a proof.

use http::{HeaderName, HeaderValue, Method};
use oidc_resource_server::Algorithm;
use serde_json::json;

use super::{DpopHarness, PATH, ath, fact, headers};
use crate::signer::{Signer, base64url};

#[tokio::test]
async fn a_proof_passes_for_each_kind_of_key() {
    for client in [
        Signer::es256("client"),
        Signer::es384("client"),
        Signer::eddsa("client"),
        Signer::rsa_with("client", Algorithm::RS256),
        Signer::rsa_with("client", Algorithm::PS256),
    ] {
        let dpop_harness = DpopHarness::client(client);
        let token = dpop_harness.token();
        let claims = dpop_harness.send(&token, &dpop_harness.proof(&token)).await.unwrap();
        assert_eq!(claims.subject(), "pairwise-1");
    }
}

#[tokio::test]
async fn there_is_one_dpop_header() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let (proof, authorization) = (dpop_harness.proof(&token), format!("DPoP {token}"));
    for (proofs, expected) in [
        (&[][..], Err("proof_missing")),
        (&[&*proof, &*proof], Err("proof_repeated")),
        (&[&*proof, "x"], Err("proof_repeated")),
        // As some gateways make one header of two.
        (&[&*format!("{proof},{proof}")], Err("not_compact")),
        (&[&*format!("{proof}, ")], Err("not_base64url")),
        (&[&*proof], Ok(())),
    ] {
        let headers = headers(&authorization, proofs);
        assert_eq!(fact(dpop_harness.request(&Method::GET, PATH, &headers).await), expected);
    }
    let mut headers = headers(&authorization, &[]);
    headers.insert(HeaderName::from_static("dpop"), HeaderValue::from_bytes(b"\xff").unwrap());
    let verdict = dpop_harness.request(&Method::GET, PATH, &headers).await;
    assert_eq!(fact(verdict), Err("proof_characters"));
}

#[tokio::test]
async fn the_header_is_a_jwt() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let (header, claims) =
        (dpop_harness.header().to_string(), dpop_harness.claims(&token).to_string());
    for (proof, expected) in [
        (String::new(), "not_compact"),
        ("proof".into(), "not_compact"),
        ("a.b".into(), "not_compact"),
        (dpop_harness.proof(&token) + ".", "not_compact"),
        (dpop_harness.proof(&token) + "=", "not_base64url"),
        (format!(" {}", dpop_harness.proof(&token)), "not_base64url"),
        (dpop_harness.client.sign("no json", &claims), "not_json"),
        (dpop_harness.client.sign("[]", &claims), "not_an_object"),
        (dpop_harness.client.sign(&header, "no json"), "not_json"),
        (dpop_harness.client.sign(&header, &format!("[{claims}]")), "not_an_object"),
        ("a".repeat(20_000), "too_large"),
    ] {
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err(expected), "{proof:.60}");
    }
}

#[tokio::test]
async fn typ_is_dpop_jwt() {
    let dpop_harness = DpopHarness::new();
    for typ in ["dpop+jwt", "application/dpop+jwt", "DPoP+JWT", "Application/dpop+jwt"] {
        assert_eq!(dpop_harness.check(json!({"typ": typ}), json!({})).await, Ok(()), "{typ}");
    }
    for typ in ["JWT", "at+jwt", "logout+jwt", "", "dpop", "dpop+jwt ", "text/dpop+jwt"] {
        assert_eq!(dpop_harness.refused_header(json!({"typ": typ})).await, "wrong_type", "{typ}");
    }
    assert_eq!(dpop_harness.refused_header(json!({"typ": null})).await, "wrong_type");
    assert_eq!(dpop_harness.refused_header(json!({"typ": ["dpop+jwt"]})).await, "header_malformed");
}

#[tokio::test]
async fn alg_is_asymmetric_and_on_the_list() {
    let dpop_harness = DpopHarness::new();
    for alg in ["none", "None", "HS256", "HS512", "es256", "RS1", "", "ES384", "RS256", "RS384"] {
        let fact = dpop_harness.refused_header(json!({"alg": alg})).await;
        let expected =
            if alg.parse::<Algorithm>().is_ok_and(|algorithm| algorithm != Algorithm::RS384) {
                "proof_key_unusable"
            } else {
                "algorithm_not_allowed"
            };
        assert_eq!(fact, expected, "{alg}");
    }
    for changes in [json!({"alg": null}), json!({"alg": 1})] {
        assert_eq!(dpop_harness.refused_header(changes).await, "header_malformed");
    }
    // A proof whose key is the secret, and one that is not signed at all.
    let token = dpop_harness.token();
    let (_, claims) = (dpop_harness.header(), dpop_harness.claims(&token).to_string());
    let header = json!({"typ": "dpop+jwt", "alg": "none", "jwk": dpop_harness.header()["jwk"]});
    let unsigned = format!("{}.{}.", base64url(header.to_string()), base64url(claims));
    assert_eq!(fact(dpop_harness.send(&token, &unsigned).await), Err("algorithm_not_allowed"));
}

#[tokio::test]
async fn only_algorithms_that_are_configured_pass() {
    let dpop_harness =
        DpopHarness::with(|dpop| dpop.with_algorithms([Algorithm::EdDSA, Algorithm::RS512]));
    let token = dpop_harness.token();
    let verdict = dpop_harness.send(&token, &dpop_harness.proof(&token)).await;
    assert_eq!(fact(verdict), Err("algorithm_not_allowed"));

    // The list of the provider's keys is another.
    let dpop_harness = DpopHarness::client(Signer::rsa_with("client", Algorithm::RS512));
    let token = dpop_harness.token();
    let verdict = dpop_harness.send(&token, &dpop_harness.proof(&token)).await;
    assert_eq!(fact(verdict), Err("algorithm_not_allowed"));
}

#[tokio::test]
async fn crit_refuses() {
    let dpop_harness = DpopHarness::new();
    for crit in [json!(["exp"]), json!([]), json!("b64"), json!(false)] {
        assert_eq!(dpop_harness.refused_header(json!({"crit": crit})).await, "critical_extension");
    }
}

#[tokio::test]
async fn header_and_claims_repeat_no_name() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let repeated = |text: String, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let (header, claims) =
        (dpop_harness.header().to_string(), dpop_harness.claims(&token).to_string());
    for member in [
        r#""htm":"POST""#,
        r#""htm":"GET""#,
        r#""\u0068tu":"https://evil.example""#,
        r#""jti":"x""#,
        r#""ath":"x""#,
        r#""iat":0"#,
        r#""x":{"a":1,"a":2}"#,
    ] {
        let proof = dpop_harness.client.sign(&header, &repeated(claims.clone(), member));
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("repeated_name"), "{member}");
    }
    for member in [r#""typ":"dpop+jwt""#, r#""alg":"none""#, r#""jwk":{}"#] {
        let proof = dpop_harness.client.sign(&repeated(header.clone(), member), &claims);
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("repeated_name"), "{member}");
    }
}

#[tokio::test]
async fn every_required_claim_is_there() {
    let dpop_harness = DpopHarness::new();
    for claim in ["jti", "htm", "htu", "iat", "ath"] {
        assert_eq!(dpop_harness.refused(json!({claim: null})).await, "claim_missing", "{claim}");
    }
}

#[tokio::test]
async fn every_claim_has_its_type() {
    let dpop_harness = DpopHarness::new();
    for claim in ["jti", "htm", "htu", "ath"] {
        for value in [json!(1), json!(""), json!([]), json!({}), json!(true)] {
            let shown = format!("{claim}: {value}");
            assert_eq!(
                dpop_harness.refused(json!({claim: value})).await,
                "claim_malformed",
                "{shown}"
            );
        }
    }
    let now = dpop_harness.harness.clock.seconds();
    for iat in [json!(now.to_string()), json!([now]), json!(true)] {
        assert_eq!(dpop_harness.refused(json!({"iat": iat})).await, "claim_malformed");
    }
    // `null`, which is not the same as absent.
    for claim in ["jti", "htm", "htu", "ath", "iat"] {
        let token = dpop_harness.token();
        let mut claims = dpop_harness.claims(&token);
        claims[claim] = json!(null);
        let proof = dpop_harness.client.token_with(&dpop_harness.header(), &claims);
        assert_eq!(
            fact(dpop_harness.send(&token, &proof).await),
            Err("claim_malformed"),
            "{claim}"
        );
    }
}

#[tokio::test]
async fn htm_is_the_method_of_the_request_letter_by_letter() {
    let dpop_harness = DpopHarness::new();
    for htm in ["POST", "get", "Get", "GET ", "HEAD", "*"] {
        assert_eq!(dpop_harness.refused(json!({"htm": htm})).await, "proof_wrong_method", "{htm}");
    }
    let token = dpop_harness.token();
    let authorization = format!("DPoP {token}");
    for (htm, expected) in [("POST", Err("proof_wrong_method")), ("DELETE", Ok(()))] {
        let proof = dpop_harness.proof_but(&token, json!({}), json!({"htm": htm}));
        let headers = headers(&authorization, &[&proof]);
        assert_eq!(fact(dpop_harness.request(&Method::DELETE, PATH, &headers).await), expected);
    }
}

#[tokio::test]
async fn ath_is_the_hash_of_the_access_token() {
    let dpop_harness = DpopHarness::new();
    let other = dpop_harness.token_but(json!({"uti": "y"}));
    let hash = ath(&dpop_harness.token());
    for ath in [ath(&other), ath(""), hash.to_lowercase(), format!("{hash}="), hash[1..].into()] {
        assert_eq!(dpop_harness.refused(json!({"ath": ath})).await, "proof_wrong_token");
    }
    // A proof for one good token, sent with another of the same key.
    let token = dpop_harness.token();
    let proof = dpop_harness.proof(&token);
    assert_eq!(fact(dpop_harness.send(&other, &proof).await), Err("proof_wrong_token"));
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
}

#[tokio::test]
async fn the_signature_is_the_keys_own() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let unknown_key = Signer::es256("unknown_key");
    let forged = unknown_key.token_with(&dpop_harness.header(), &dpop_harness.claims(&token));
    assert_eq!(fact(dpop_harness.send(&token, &forged).await), Err("bad_signature"));
    let (one, two) = (dpop_harness.proof(&token), dpop_harness.proof(&token));
    let (signed, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = two.rsplit_once('.').unwrap();
    for signature in [signature, "", "AAAA"] {
        let proof = format!("{signed}.{signature}");
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("bad_signature"));
    }
    // Nothing of it was used up.
    assert_eq!(fact(dpop_harness.send(&token, &one).await), Ok(()));
}
