//! RFC 9449, section 4.3: form, type, algorithm and claims of a proof.

use http::{HeaderName, HeaderValue, Method};
use oidc_resource_server::Algorithm;
use serde_json::json;

use super::{PATH, Scene, ath, fact, headers};
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
        let scene = Scene::client(client);
        let token = scene.token();
        let claims = scene.send(&token, &scene.proof(&token)).await.unwrap();
        assert_eq!(claims.subject(), "pairwise-1");
    }
}

#[tokio::test]
async fn there_is_one_dpop_header() {
    let scene = Scene::new();
    let token = scene.token();
    let (proof, authorization) = (scene.proof(&token), format!("DPoP {token}"));
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
        assert_eq!(fact(scene.request(&Method::GET, PATH, &headers).await), expected);
    }
    let mut headers = headers(&authorization, &[]);
    headers.insert(HeaderName::from_static("dpop"), HeaderValue::from_bytes(b"\xff").unwrap());
    let verdict = scene.request(&Method::GET, PATH, &headers).await;
    assert_eq!(fact(verdict), Err("proof_characters"));
}

#[tokio::test]
async fn the_header_is_a_jwt() {
    let scene = Scene::new();
    let token = scene.token();
    let (header, claims) = (scene.header().to_string(), scene.claims(&token).to_string());
    for (proof, expected) in [
        (String::new(), "not_compact"),
        ("proof".into(), "not_compact"),
        ("a.b".into(), "not_compact"),
        (scene.proof(&token) + ".", "not_compact"),
        (scene.proof(&token) + "=", "not_base64url"),
        (format!(" {}", scene.proof(&token)), "not_base64url"),
        (scene.client.sign("no json", &claims), "not_json"),
        (scene.client.sign("[]", &claims), "not_an_object"),
        (scene.client.sign(&header, "no json"), "not_json"),
        (scene.client.sign(&header, &format!("[{claims}]")), "not_an_object"),
        ("a".repeat(20_000), "too_large"),
    ] {
        assert_eq!(fact(scene.send(&token, &proof).await), Err(expected), "{proof:.60}");
    }
}

#[tokio::test]
async fn typ_is_dpop_jwt() {
    let scene = Scene::new();
    for typ in ["dpop+jwt", "application/dpop+jwt", "DPoP+JWT", "Application/dpop+jwt"] {
        assert_eq!(scene.check(json!({"typ": typ}), json!({})).await, Ok(()), "{typ}");
    }
    for typ in ["JWT", "at+jwt", "logout+jwt", "", "dpop", "dpop+jwt ", "text/dpop+jwt"] {
        assert_eq!(scene.refused_header(json!({"typ": typ})).await, "wrong_type", "{typ}");
    }
    assert_eq!(scene.refused_header(json!({"typ": null})).await, "wrong_type");
    assert_eq!(scene.refused_header(json!({"typ": ["dpop+jwt"]})).await, "header_malformed");
}

#[tokio::test]
async fn alg_is_asymmetric_and_on_the_list() {
    let scene = Scene::new();
    for alg in ["none", "None", "HS256", "HS512", "es256", "RS1", "", "ES384", "RS256", "RS384"] {
        let fact = scene.refused_header(json!({"alg": alg})).await;
        let expected =
            if alg.parse::<Algorithm>().is_ok_and(|algorithm| algorithm != Algorithm::RS384) {
                "proof_key_unusable"
            } else {
                "algorithm_not_allowed"
            };
        assert_eq!(fact, expected, "{alg}");
    }
    for changes in [json!({"alg": null}), json!({"alg": 1})] {
        assert_eq!(scene.refused_header(changes).await, "header_malformed");
    }
    // A proof whose key is the secret, and one that is not signed at all.
    let token = scene.token();
    let (_, claims) = (scene.header(), scene.claims(&token).to_string());
    let header = json!({"typ": "dpop+jwt", "alg": "none", "jwk": scene.header()["jwk"]});
    let unsigned = format!("{}.{}.", base64url(header.to_string()), base64url(claims));
    assert_eq!(fact(scene.send(&token, &unsigned).await), Err("algorithm_not_allowed"));
}

#[tokio::test]
async fn only_algorithms_that_are_configured_pass() {
    let scene = Scene::with(|dpop| dpop.with_algorithms([Algorithm::EdDSA, Algorithm::RS512]));
    let token = scene.token();
    let verdict = scene.send(&token, &scene.proof(&token)).await;
    assert_eq!(fact(verdict), Err("algorithm_not_allowed"));

    // The list of the provider's keys is another.
    let scene = Scene::client(Signer::rsa_with("client", Algorithm::RS512));
    let token = scene.token();
    let verdict = scene.send(&token, &scene.proof(&token)).await;
    assert_eq!(fact(verdict), Err("algorithm_not_allowed"));
}

#[tokio::test]
async fn crit_refuses() {
    let scene = Scene::new();
    for crit in [json!(["exp"]), json!([]), json!("b64"), json!(false)] {
        assert_eq!(scene.refused_header(json!({"crit": crit})).await, "critical_extension");
    }
}

#[tokio::test]
async fn header_and_claims_repeat_no_name() {
    let scene = Scene::new();
    let token = scene.token();
    let repeated = |text: String, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let (header, claims) = (scene.header().to_string(), scene.claims(&token).to_string());
    for member in [
        r#""htm":"POST""#,
        r#""htm":"GET""#,
        r#""\u0068tu":"https://evil.example""#,
        r#""jti":"x""#,
        r#""ath":"x""#,
        r#""iat":0"#,
        r#""x":{"a":1,"a":2}"#,
    ] {
        let proof = scene.client.sign(&header, &repeated(claims.clone(), member));
        assert_eq!(fact(scene.send(&token, &proof).await), Err("repeated_name"), "{member}");
    }
    for member in [r#""typ":"dpop+jwt""#, r#""alg":"none""#, r#""jwk":{}"#] {
        let proof = scene.client.sign(&repeated(header.clone(), member), &claims);
        assert_eq!(fact(scene.send(&token, &proof).await), Err("repeated_name"), "{member}");
    }
}

#[tokio::test]
async fn every_required_claim_is_there() {
    let scene = Scene::new();
    for claim in ["jti", "htm", "htu", "iat", "ath"] {
        assert_eq!(scene.refused(json!({claim: null})).await, "claim_missing", "{claim}");
    }
}

#[tokio::test]
async fn every_claim_has_its_type() {
    let scene = Scene::new();
    for claim in ["jti", "htm", "htu", "ath"] {
        for value in [json!(1), json!(""), json!([]), json!({}), json!(true)] {
            let shown = format!("{claim}: {value}");
            assert_eq!(scene.refused(json!({claim: value})).await, "claim_malformed", "{shown}");
        }
    }
    let now = scene.stage.clock.seconds();
    for iat in [json!(now.to_string()), json!([now]), json!(true)] {
        assert_eq!(scene.refused(json!({"iat": iat})).await, "claim_malformed");
    }
    // `null`, which is not the same as absent.
    for claim in ["jti", "htm", "htu", "ath", "iat"] {
        let token = scene.token();
        let mut claims = scene.claims(&token);
        claims[claim] = json!(null);
        let proof = scene.client.token_with(&scene.header(), &claims);
        assert_eq!(fact(scene.send(&token, &proof).await), Err("claim_malformed"), "{claim}");
    }
}

#[tokio::test]
async fn htm_is_the_method_of_the_request_letter_by_letter() {
    let scene = Scene::new();
    for htm in ["POST", "get", "Get", "GET ", "HEAD", "*"] {
        assert_eq!(scene.refused(json!({"htm": htm})).await, "proof_wrong_method", "{htm}");
    }
    let token = scene.token();
    let authorization = format!("DPoP {token}");
    for (htm, expected) in [("POST", Err("proof_wrong_method")), ("DELETE", Ok(()))] {
        let proof = scene.proof_but(&token, json!({}), json!({"htm": htm}));
        let headers = headers(&authorization, &[&proof]);
        assert_eq!(fact(scene.request(&Method::DELETE, PATH, &headers).await), expected);
    }
}

#[tokio::test]
async fn ath_is_the_hash_of_the_access_token() {
    let scene = Scene::new();
    let other = scene.token_but(json!({"uti": "y"}));
    let hash = ath(&scene.token());
    for ath in [ath(&other), ath(""), hash.to_lowercase(), format!("{hash}="), hash[1..].into()] {
        assert_eq!(scene.refused(json!({"ath": ath})).await, "proof_wrong_token");
    }
    // A proof for one good token, sent with another of the same key.
    let token = scene.token();
    let proof = scene.proof(&token);
    assert_eq!(fact(scene.send(&other, &proof).await), Err("proof_wrong_token"));
    assert_eq!(fact(scene.send(&token, &proof).await), Ok(()));
}

#[tokio::test]
async fn the_signature_is_the_keys_own() {
    let scene = Scene::new();
    let token = scene.token();
    let stranger = Signer::es256("stranger");
    let forged = stranger.token_with(&scene.header(), &scene.claims(&token));
    assert_eq!(fact(scene.send(&token, &forged).await), Err("bad_signature"));
    let (one, two) = (scene.proof(&token), scene.proof(&token));
    let (signed, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = two.rsplit_once('.').unwrap();
    for signature in [signature, "", "AAAA"] {
        let proof = format!("{signed}.{signature}");
        assert_eq!(fact(scene.send(&token, &proof).await), Err("bad_signature"));
    }
    // Nothing of it was used up.
    assert_eq!(fact(scene.send(&token, &one).await), Ok(()));
}
