//! RFC 9449, sections 6 and 7: bound tokens and the schemes that present them.

use http::Method;
use oidc_resource_server::{AuthError, RequestHead};
use serde_json::{Value, json};

use super::{DpopHarness, PATH, Verdict, fact, headers, jkt};
use crate::{harness::Harness, signer::Signer};

impl DpopHarness {
    /// The verdict on this `Authorization`, with a good proof for the token.
    async fn present(&self, scheme: &str, token: &str) -> Verdict {
        let headers = headers(&format!("{scheme} {token}"), &[&self.proof(token)]);
        self.request(&Method::GET, PATH, &headers).await
    }

    /// The same where nobody knows of proofs.
    async fn present_without_dpop(&self, scheme: &str, token: &str) -> Verdict {
        let headers = headers(&format!("{scheme} {token}"), &[&self.proof(token)]);
        self.harness.verifier.authenticate(&RequestHead::new(&Method::GET, PATH, &headers)).await
    }
}

fn requiring() -> DpopHarness {
    let harness = Harness::rules(|rules| rules.require_dpop = true);
    DpopHarness::on(harness, Signer::es256("client"), |dpop| dpop)
}

#[tokio::test]
async fn the_scheme_is_dpop_in_any_case() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    for scheme in ["DPoP", "dpop", "DPOP"] {
        assert_eq!(fact(dpop_harness.present(scheme, &token).await), Ok(()), "{scheme}");
    }
}

#[tokio::test]
async fn a_bound_token_is_refused_as_a_bearer_token() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    assert_eq!(fact(dpop_harness.present("Bearer", &token).await), Err("sender_constrained"));
    let verdict = dpop_harness.present_without_dpop("Bearer", &token).await;
    assert_eq!(fact(verdict), Err("sender_constrained"));
    for verifier in [&dpop_harness.verifier, &dpop_harness.harness.verifier] {
        let verdict = verifier.verify(&token).await.map_err(AuthError::from);
        assert_eq!(fact(verdict), Err("sender_constrained"));
    }
}

#[tokio::test]
async fn an_unbound_token_passes_as_a_bearer_token_only() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token_but(json!({"cnf": null}));
    assert_eq!(fact(dpop_harness.present("Bearer", &token).await), Ok(()));
    assert_eq!(fact(dpop_harness.present("DPoP", &token).await), Err("not_bound"));
}

#[tokio::test]
async fn an_unbound_token_is_refused_before_keys_are_fetched_for_it() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token_but(json!({"cnf": null}));
    assert_eq!(fact(dpop_harness.present("DPoP", &token).await), Err("not_bound"));
    assert_eq!(dpop_harness.harness.script.asked(), [""; 0]);
}

#[tokio::test]
async fn a_binding_that_cannot_be_checked_is_refused() {
    let dpop_harness = DpopHarness::new();
    let jkt = jkt(&dpop_harness.client.jwk());
    for cnf in [
        json!({"x5t#S256": "AAAA"}),
        json!({"jkt": jkt, "x5t#S256": "AAAA"}),
        json!({"jkt": jkt, "kid": "x"}),
        json!({"jwk": dpop_harness.client.jwk()}),
        json!({"JKT": jkt}),
        json!({"jkt": [jkt]}),
        json!({"jkt": 1}),
        json!({}),
        json!([]),
        json!(jkt),
        json!(false),
    ] {
        let token = dpop_harness.token_but(json!({"cnf": cnf}));
        assert_eq!(fact(dpop_harness.present("DPoP", &token).await), Err("not_bound"), "{cnf}");
        assert_eq!(
            fact(dpop_harness.present("Bearer", &token).await),
            Err("sender_constrained"),
            "{cnf}"
        );
        let verdict = dpop_harness.present_without_dpop("Bearer", &token).await;
        assert_eq!(fact(verdict), Err("sender_constrained"), "{cnf}");
    }
    let mut claims = dpop_harness.harness.claims();
    claims["cnf"] = json!(null);
    let token = dpop_harness.harness.signer.token(&claims);
    assert_eq!(fact(dpop_harness.present("Bearer", &token).await), Err("sender_constrained"));
    assert_eq!(fact(dpop_harness.present("DPoP", &token).await), Err("not_bound"));
}

#[tokio::test]
async fn an_issuer_can_be_made_to_bind_its_tokens() {
    let dpop_harness = requiring();
    let unbound = dpop_harness.token_but(json!({"cnf": null}));
    assert_eq!(fact(dpop_harness.present("Bearer", &unbound).await), Err("not_bound"));
    let verdict = dpop_harness.verifier.verify(&unbound).await.map_err(AuthError::from);
    assert_eq!(fact(verdict), Err("not_bound"));
    let bound = dpop_harness.token();
    assert_eq!(fact(dpop_harness.present("Bearer", &bound).await), Err("sender_constrained"));
    assert_eq!(fact(dpop_harness.present("DPoP", &bound).await), Ok(()));
}

#[tokio::test]
async fn what_one_issuer_must_do_another_need_not() {
    const OTHER: &str = "https://other.example";
    let (strict, lax) = (requiring(), Harness::issuer(OTHER));
    let rules = oidc_resource_server::AccessTokenRules::new([crate::harness::API]);
    let both = strict.verifier.clone().and(lax.provider.clone(), rules).unwrap();
    let unbound = lax.signer.token(&lax.claims());
    assert!(both.verify(&unbound).await.is_ok());
    let unbound = strict.token_but(json!({"cnf": null}));
    let verdict = both.verify(&unbound).await.map_err(AuthError::from);
    assert_eq!(fact(verdict), Err("not_bound"));
}

#[tokio::test]
async fn with_dpop_off_its_scheme_is_unknown() {
    let dpop_harness = DpopHarness::new();
    for token in [dpop_harness.token(), dpop_harness.token_but(json!({"cnf": null}))] {
        let verdict = dpop_harness.present_without_dpop("DPoP", &token).await;
        assert_eq!(verdict.unwrap_err(), AuthError::DpopNotEnabled);
    }
}

#[tokio::test]
async fn a_good_proof_does_not_help_a_bad_token() {
    let dpop_harness = DpopHarness::new();
    let token = |changes: Value| dpop_harness.token_but(changes);
    let bound =
        dpop_harness.harness.claims_but(&json!({"cnf": {"jkt": jkt(&dpop_harness.client.jwk())}}));
    for (token, expected) in [
        (token(json!({"exp": 0})), "expired"),
        (token(json!({"aud": "other"})), "wrong_audience"),
        (token(json!({"scp": null})), "not_an_access_token"),
        (dpop_harness.client.token(&bound), "unknown_key"),
    ] {
        assert_eq!(fact(dpop_harness.present("DPoP", &token).await), Err(expected));
    }
}

#[tokio::test]
async fn a_proof_is_no_token() {
    let dpop_harness = DpopHarness::new();
    let proof = dpop_harness.proof(&dpop_harness.token());
    for scheme in ["DPoP", "Bearer"] {
        let verdict = dpop_harness.present(scheme, &proof).await;
        assert!(matches!(verdict, Err(AuthError::Token(_))), "{verdict:?}");
    }
}
