//! Bytes as a metadata document.

use std::{
    future::ready,
    sync::{Arc, Mutex, PoisonError},
};

use auth::{
    AccessTokenRules, Algorithm, AuthError, Fetch, FetchFuture, FetchRequest, Fetched, Issuer,
    Provider, ProviderConfig, Verifier, VerifyError,
};
use http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::{
    answer,
    fixture::{AUTH0, ENTRA, FixedClock, Fixture, TENANT, TestIssuer},
    oracle::{
        json::Tree,
        verdict::{Verdict, agree},
    },
};

/// An issuer template: what Entra's metadata for several tenants names.
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

/// Publishes the bytes as metadata, and remembers what it was asked.
#[derive(Clone)]
struct Publisher {
    metadata: Vec<u8>,
    keys: String,
    asked: Arc<Mutex<Vec<Url>>>,
}

impl Publisher {
    fn asked(&self) -> Vec<Url> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Fetch for Publisher {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(wanted.url.clone());
        // Not by address: the document may send us back to where it is itself.
        let body =
            if asked.len() == 1 { self.metadata.clone() } else { self.keys.clone().into_bytes() };
        Box::pin(ready(Ok(Fetched { body, ..Fetched::default() })))
    }
}

/// Takes the bytes as the metadata of three issuers: one of Entra's tenants,
/// Entra's template, and one with a slash at its end. Whether any took them.
pub fn discovery(bytes: &[u8]) -> bool {
    let config =
        |trust: &TestIssuer| ProviderConfig::new(Issuer::parse(trust.issuer).expect("an issuer"));
    let template = ProviderConfig::for_tenants(TEMPLATE, [TENANT]).expect("a template");
    // Each must judge: an `any` would end at the first.
    let accepted = [config(&ENTRA), template, config(&AUTH0)]
        .map(|config| is_accepted(bytes, config))
        .into_iter()
        .filter(|accepted| *accepted)
        .count();
    assert!(accepted <= 1, "a document is that of two issuers");
    accepted == 1
}

fn is_accepted(bytes: &[u8], mut config: ProviderConfig) -> bool {
    config.algorithms = vec![Algorithm::ES256];
    let issuer = config.issuer.to_string();
    Fixture::with(|fixture| {
        let keys = json!({"keys": [fixture.signer.jwk()]}).to_string();
        let publisher = Publisher { metadata: bytes.to_vec(), keys, asked: Arc::default() };
        let provider = Provider::new(config, publisher.clone(), Arc::new(FixedClock));
        fixture.runtime.block_on(async {
            let metadata = provider.metadata().await;
            let warm = provider.warm().await;
            let asked = publisher.asked();
            assert_eq!(warm.is_ok(), metadata.is_ok(), "{warm:?}");
            let said = metadata.as_ref().err().map(ToString::to_string).unwrap_or_default();
            agree(metadata.is_ok(), expected(bytes, &issuer), bytes, &said);
            let Ok(metadata) = metadata else {
                // Nor is the provider asked again before a cooldown.
                assert_eq!(asked.len(), 1, "{asked:?}");
                assert!(!provider.status().metadata.is_usable && !provider.status().keys.is_usable);
                must_not_be_judged(fixture, provider).await;
                return false;
            };
            assert_eq!(metadata.issuer().as_str(), issuer);
            assert!(is_https(metadata.jwks_uri()), "{}", metadata.jwks_uri());
            assert_eq!(asked[1..], [metadata.jwks_uri().clone()]);
            let tree = Tree::parse(bytes).expect("accepted metadata is JSON");
            if !tree.repeats() {
                let jwks_uri = tree.get("jwks_uri").and_then(Tree::text).map(Url::parse);
                assert_eq!(jwks_uri, Some(Ok(metadata.jwks_uri().clone())));
                let document = Value::Object(metadata.document().clone());
                assert!(tree.is_same(&document), "the document is {document}");
            }
            true
        })
    })
}

/// Which of two members of one name counts is left open.
fn expected(bytes: &[u8], issuer: &str) -> Verdict {
    let Some(tree) = Tree::parse(bytes).filter(Tree::is_object) else { return Some(false) };
    if tree.repeats() || tree.is_extreme() {
        return None;
    }
    let text = |name| tree.get(name).and_then(Tree::text);
    let jwks_uri = text("jwks_uri").and_then(|text| Url::parse(text).ok());
    Some(text("issuer") == Some(issuer) && jwks_uri.is_some_and(|url| is_https(&url)))
}

/// No loopback host either: the issuers here are none.
fn is_https(url: &Url) -> bool {
    url.scheme() == "https" && url.host().is_some()
}

/// Without keys a token is answered with 503, which has its client come again.
async fn must_not_be_judged(fixture: &Fixture, provider: Provider) {
    if provider.issuer().as_str() != ENTRA.issuer {
        return;
    }
    let verifier = Verifier::new(provider, AccessTokenRules::new([ENTRA.audience]))
        .expect("the rules have an audience");
    let Err(error @ VerifyError::Unavailable(_)) = verifier.verify(&fixture.good_token).await
    else {
        panic!("a token is result without keys")
    };
    assert_eq!(AuthError::from(error.clone()).status(), StatusCode::SERVICE_UNAVAILABLE);
    answer::check_alone(&verifier, error);
}
