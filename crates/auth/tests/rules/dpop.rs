//! RFC 9449 at the resource: a token that is bound to a key, and the proof of it.

mod answers;
mod binding;
mod key;
mod mutation;
#[cfg(all(feature = "axum", feature = "tower"))]
mod nested;
mod nonce;
mod proof;
mod replay;
mod target;
mod time;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::AUTHORIZATION};
use oidc_resource_server::{
    AccessClaims, AuthError, Dpop, ProofError, RequestHead, Resource, Verified, Verifier,
};
use serde_json::{Value, json};

use crate::{
    harness::{Harness, merged},
    signer::{Signer, base64url},
};

/// The resource, on a path of its own: only its origin counts for `htu`.
const RESOURCE: &str = "https://api.example/v1";
const PATH: &str = "/todos/1";
const HTU: &str = "https://api.example/todos/1";

type Verdict = Result<Verified<AccessClaims>, AuthError>;

/// A client with a key, and the API that it calls.
struct DpopHarness {
    harness: Harness,
    client: Signer,
    verifier: Verifier,
    made: AtomicUsize,
}

impl DpopHarness {
    fn new() -> Self {
        Self::with(|dpop| dpop)
    }

    fn with(change: impl FnOnce(Dpop) -> Dpop) -> Self {
        Self::on(Harness::new(), Signer::es256("client"), change)
    }

    fn client(client: Signer) -> Self {
        Self::on(Harness::new(), client, |dpop| dpop)
    }

    fn on(harness: Harness, client: Signer, change: impl FnOnce(Dpop) -> Dpop) -> Self {
        let resource = Resource::parse(RESOURCE).unwrap();
        let dpop = change(Dpop::new(resource.clone(), Arc::new(harness.clock.clone())));
        let verifier = harness.verifier.clone().with_resource(resource).with_dpop(dpop);
        Self { harness, client, verifier, made: AtomicUsize::new(0) }
    }

    /// An access token that is bound to the client's key.
    fn token(&self) -> String {
        self.token_but(json!({}))
    }

    fn token_but(&self, changes: Value) -> String {
        let bound = json!({"cnf": {"jkt": jkt(&self.client.jwk())}});
        let claims = merged(self.harness.claims_but(&bound), &changes);
        self.harness.signer.token(&claims)
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": self.client.algorithm.as_str(), "jwk": public(&self.client)})
    }

    /// The claims of a proof for a GET of [`HTU`], now.
    fn claims(&self, token: &str) -> Value {
        let jti = format!("jti-{}", self.made.fetch_add(1, Ordering::Relaxed));
        json!({"jti": jti, "htm": "GET", "htu": HTU, "iat": self.harness.clock.seconds(), "ath": ath(token)})
    }

    fn proof(&self, token: &str) -> String {
        self.proof_but(token, json!({}), json!({}))
    }

    /// A proof with these changes to header and claims; `null` takes one out.
    fn proof_but(&self, token: &str, header: Value, claims: Value) -> String {
        let header = merged(self.header(), &header);
        self.client.token_with(&header, &merged(self.claims(token), &claims))
    }

    /// The verdict on a GET of [`PATH`] with this token and proof.
    async fn send(&self, token: &str, proof: &str) -> Verdict {
        self.request(&Method::GET, PATH, &headers(&format!("DPoP {token}"), &[proof])).await
    }

    async fn request(&self, method: &Method, path: &str, headers: &HeaderMap) -> Verdict {
        self.verifier.authenticate(&RequestHead::new(method, path, headers)).await
    }

    /// The verdict on a proof with these changes. The very same without them passes.
    async fn check(&self, header: Value, claims: Value) -> Result<(), &'static str> {
        let token = self.token();
        assert_eq!(fact(self.send(&token, &self.proof(&token)).await), Ok(()));
        fact(self.send(&token, &self.proof_but(&token, header, claims)).await)
    }

    /// The fact that a proof with these changes to its claims fails.
    async fn refused(&self, claims: Value) -> &'static str {
        let shown = claims.to_string();
        self.check(json!({}), claims).await.expect_err(&shown)
    }

    /// The fact that a proof with these changes to its header fails.
    async fn refused_header(&self, header: Value) -> &'static str {
        let shown = header.to_string();
        self.check(header, json!({})).await.expect_err(&shown)
    }
}

fn headers(authorization: &str, proofs: &[&str]) -> HeaderMap {
    let value = |text: &str| HeaderValue::from_str(text).unwrap();
    let proofs = proofs.iter().map(|proof| (HeaderName::from_static("dpop"), value(proof)));
    std::iter::once((AUTHORIZATION, value(authorization))).chain(proofs).collect()
}

/// The stable name of the fact that a request fails, the exact one for a proof
/// that is no JWT as it should be.
fn fact(verdict: Verdict) -> Result<(), &'static str> {
    match verdict {
        Ok(_) => Ok(()),
        Err(AuthError::Proof(ProofError::Jwt(error))) => Err(error.code()),
        Err(error) => Err(error.variant()),
    }
}

/// The public key as it stands in a proof.
fn public(signer: &Signer) -> Value {
    merged(signer.jwk(), &json!({"kid": null, "use": null}))
}

/// RFC 7638, section 3, by another way than the crate's: sorted by a map.
fn jkt(jwk: &Value) -> String {
    let members = match jwk["kty"].as_str().unwrap() {
        "RSA" => vec!["n", "e", "kty"],
        "EC" => vec!["kty", "crv", "x", "y"],
        "OKP" => vec!["kty", "crv", "x"],
        other => panic!("{other}"),
    };
    let sorted: BTreeMap<&str, &Value> =
        members.into_iter().map(|member| (member, &jwk[member])).collect();
    base64url(digest(&SHA256, serde_json::to_string(&sorted).unwrap().as_bytes()))
}

fn ath(token: &str) -> String {
    base64url(digest(&SHA256, token.as_bytes()))
}

#[test]
fn jkt_and_ath_are_those_of_the_examples_in_rfc_9449() {
    let jwk = json!({"kty": "EC", "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"});
    assert_eq!(jkt(&jwk), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    assert_eq!(ath(token), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}
