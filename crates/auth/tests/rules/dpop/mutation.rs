//! Any change to a valid proof is refused.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use super::{DpopHarness, PATH, fact, headers};

struct Good {
    runtime: Runtime,
    dpop_harness: DpopHarness,
    token: String,
    /// It is never sent as it is, so only a change can be why it is refused.
    proof: String,
}

static GOOD: LazyLock<Good> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().build().unwrap();
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let proof = dpop_harness.proof(&token);
    assert_eq!(
        fact(runtime.block_on(dpop_harness.send(&token, &dpop_harness.proof(&token)))),
        Ok(())
    );
    Good { runtime, dpop_harness, token, proof }
});

fn is_refused(proof: &[u8]) -> bool {
    // What HTTP lets into no header comes from nobody.
    let Ok(value) = HeaderValue::from_bytes(proof) else { return true };
    let mut headers: HeaderMap = headers(&format!("DPoP {}", GOOD.token), &[]);
    headers.insert(HeaderName::from_static("dpop"), value);
    GOOD.runtime.block_on(GOOD.dpop_harness.request(&Method::GET, PATH, &headers)).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_byte_changed_is_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut proof = GOOD.proof.clone().into_bytes();
        let at = at.index(proof.len());
        prop_assume!(proof[at] != byte);
        proof[at] = byte;
        prop_assert!(is_refused(&proof));
    }

    #[test]
    fn any_byte_taken_out_or_put_in_is_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let at = at.index(GOOD.proof.len());
        let mut shorter = GOOD.proof.clone().into_bytes();
        shorter.remove(at);
        prop_assert!(is_refused(&shorter));
        let mut longer = GOOD.proof.clone().into_bytes();
        longer.insert(at, byte);
        prop_assert!(is_refused(&longer));
    }

    #[test]
    fn any_signed_json_is_checked_without_panic(header in ".{0,60}", payload in "[\\[\\]{}\":,a-z0-9.e-]{0,80}") {
        prop_assert!(is_refused(GOOD.dpop_harness.client.sign(&header, &payload).as_bytes()));
        let header = GOOD.dpop_harness.header().to_string();
        prop_assert!(is_refused(GOOD.dpop_harness.client.sign(&header, &payload).as_bytes()));
    }

    #[test]
    fn any_htu_and_path_are_checked_without_panic(htu in "(https://api\\.example)?.{0,40}", path in ".{0,40}") {
        let claims = serde_json::json!({"htu": htu});
        let proof = GOOD.dpop_harness.proof_but(&GOOD.token, serde_json::json!({}), claims);
        let headers = headers(&format!("DPoP {}", GOOD.token), &[&proof]);
        let _ = GOOD.runtime.block_on(GOOD.dpop_harness.request(&Method::GET, &path, &headers));
    }
}
