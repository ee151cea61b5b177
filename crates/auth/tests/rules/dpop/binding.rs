//! RFC 9449, sections 6 and 7: bound tokens and the schemes that present them.

use http::Method;
use oidc_resource_server::{AuthError, RequestHead};
use serde_json::{Value, json};

use super::{PATH, Scene, Verdict, fact, headers, jkt};
use crate::{signer::Signer, stage::Stage};

impl Scene {
    /// The verdict on this `Authorization`, with a good proof for the token.
    async fn present(&self, scheme: &str, token: &str) -> Verdict {
        let headers = headers(&format!("{scheme} {token}"), &[&self.proof(token)]);
        self.request(&Method::GET, PATH, &headers).await
    }

    /// The same where nobody knows of proofs.
    async fn present_without_dpop(&self, scheme: &str, token: &str) -> Verdict {
        let headers = headers(&format!("{scheme} {token}"), &[&self.proof(token)]);
        self.stage.verifier.authenticate(&RequestHead::new(&Method::GET, PATH, &headers)).await
    }
}

fn requiring() -> Scene {
    let stage = Stage::rules(|rules| rules.require_dpop = true);
    Scene::on(stage, Signer::es256("client"), |dpop| dpop)
}

#[tokio::test]
async fn the_scheme_is_dpop_in_any_case() {
    let scene = Scene::new();
    let token = scene.token();
    for scheme in ["DPoP", "dpop", "DPOP"] {
        assert_eq!(fact(scene.present(scheme, &token).await), Ok(()), "{scheme}");
    }
}

#[tokio::test]
async fn a_bound_token_is_refused_as_a_bearer_token() {
    let scene = Scene::new();
    let token = scene.token();
    assert_eq!(fact(scene.present("Bearer", &token).await), Err("sender_constrained"));
    let verdict = scene.present_without_dpop("Bearer", &token).await;
    assert_eq!(fact(verdict), Err("sender_constrained"));
    for verifier in [&scene.verifier, &scene.stage.verifier] {
        let verdict = verifier.verify(&token).await.map_err(AuthError::from);
        assert_eq!(fact(verdict), Err("sender_constrained"));
    }
}

#[tokio::test]
async fn an_unbound_token_passes_as_a_bearer_token_only() {
    let scene = Scene::new();
    let token = scene.token_but(json!({"cnf": null}));
    assert_eq!(fact(scene.present("Bearer", &token).await), Ok(()));
    assert_eq!(fact(scene.present("DPoP", &token).await), Err("not_bound"));
}

#[tokio::test]
async fn an_unbound_token_is_refused_before_keys_are_fetched_for_it() {
    let scene = Scene::new();
    let token = scene.token_but(json!({"cnf": null}));
    assert_eq!(fact(scene.present("DPoP", &token).await), Err("not_bound"));
    assert_eq!(scene.stage.script.asked(), [""; 0]);
}

#[tokio::test]
async fn a_binding_that_cannot_be_checked_is_refused() {
    let scene = Scene::new();
    let jkt = jkt(&scene.client.jwk());
    for cnf in [
        json!({"x5t#S256": "AAAA"}),
        json!({"jkt": jkt, "x5t#S256": "AAAA"}),
        json!({"jkt": jkt, "kid": "x"}),
        json!({"jwk": scene.client.jwk()}),
        json!({"JKT": jkt}),
        json!({"jkt": [jkt]}),
        json!({"jkt": 1}),
        json!({}),
        json!([]),
        json!(jkt),
        json!(false),
    ] {
        let token = scene.token_but(json!({"cnf": cnf}));
        assert_eq!(fact(scene.present("DPoP", &token).await), Err("not_bound"), "{cnf}");
        assert_eq!(fact(scene.present("Bearer", &token).await), Err("sender_constrained"), "{cnf}");
        let verdict = scene.present_without_dpop("Bearer", &token).await;
        assert_eq!(fact(verdict), Err("sender_constrained"), "{cnf}");
    }
    let mut claims = scene.stage.claims();
    claims["cnf"] = json!(null);
    let token = scene.stage.signer.token(&claims);
    assert_eq!(fact(scene.present("Bearer", &token).await), Err("sender_constrained"));
    assert_eq!(fact(scene.present("DPoP", &token).await), Err("not_bound"));
}

#[tokio::test]
async fn an_issuer_can_be_made_to_bind_its_tokens() {
    let scene = requiring();
    let unbound = scene.token_but(json!({"cnf": null}));
    assert_eq!(fact(scene.present("Bearer", &unbound).await), Err("not_bound"));
    let verdict = scene.verifier.verify(&unbound).await.map_err(AuthError::from);
    assert_eq!(fact(verdict), Err("not_bound"));
    let bound = scene.token();
    assert_eq!(fact(scene.present("Bearer", &bound).await), Err("sender_constrained"));
    assert_eq!(fact(scene.present("DPoP", &bound).await), Ok(()));
}

#[tokio::test]
async fn what_one_issuer_must_do_another_need_not() {
    const OTHER: &str = "https://other.example";
    let (strict, lax) = (requiring(), Stage::issuer(OTHER));
    let rules = oidc_resource_server::AccessTokenRules::new([crate::stage::API]);
    let both = strict.verifier.clone().and(lax.provider.clone(), rules).unwrap();
    let unbound = lax.signer.token(&lax.claims());
    assert!(both.verify(&unbound).await.is_ok());
    let unbound = strict.token_but(json!({"cnf": null}));
    let verdict = both.verify(&unbound).await.map_err(AuthError::from);
    assert_eq!(fact(verdict), Err("not_bound"));
}

#[tokio::test]
async fn with_dpop_off_its_scheme_is_unknown() {
    let scene = Scene::new();
    for token in [scene.token(), scene.token_but(json!({"cnf": null}))] {
        let verdict = scene.present_without_dpop("DPoP", &token).await;
        assert_eq!(verdict.unwrap_err(), AuthError::DpopNotEnabled);
    }
}

#[tokio::test]
async fn a_good_proof_does_not_help_a_bad_token() {
    let scene = Scene::new();
    let token = |changes: Value| scene.token_but(changes);
    let bound = scene.stage.claims_but(&json!({"cnf": {"jkt": jkt(&scene.client.jwk())}}));
    for (token, expected) in [
        (token(json!({"exp": 0})), "expired"),
        (token(json!({"aud": "other"})), "wrong_audience"),
        (token(json!({"scp": null})), "not_an_access_token"),
        (scene.client.token(&bound), "unknown_key"),
    ] {
        assert_eq!(fact(scene.present("DPoP", &token).await), Err(expected));
    }
}

#[tokio::test]
async fn a_proof_is_no_token() {
    let scene = Scene::new();
    let proof = scene.proof(&scene.token());
    for scheme in ["DPoP", "Bearer"] {
        let verdict = scene.present(scheme, &proof).await;
        assert!(matches!(verdict, Err(AuthError::Token(_))), "{verdict:?}");
    }
}
