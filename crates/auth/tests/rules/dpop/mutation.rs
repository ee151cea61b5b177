//! Any change to a valid proof is refused.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use super::{PATH, Scene, fact, headers};

struct Good {
    runtime: Runtime,
    scene: Scene,
    token: String,
    /// It is never sent as it is, so only a change can be why it is refused.
    proof: String,
}

static GOOD: LazyLock<Good> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().build().unwrap();
    let scene = Scene::new();
    let token = scene.token();
    let proof = scene.proof(&token);
    assert_eq!(fact(runtime.block_on(scene.send(&token, &scene.proof(&token)))), Ok(()));
    Good { runtime, scene, token, proof }
});

fn is_refused(proof: &[u8]) -> bool {
    // What HTTP lets into no header comes from nobody.
    let Ok(value) = HeaderValue::from_bytes(proof) else { return true };
    let mut headers: HeaderMap = headers(&format!("DPoP {}", GOOD.token), &[]);
    headers.insert(HeaderName::from_static("dpop"), value);
    GOOD.runtime.block_on(GOOD.scene.request(&Method::GET, PATH, &headers)).is_err()
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
        prop_assert!(is_refused(GOOD.scene.client.sign(&header, &payload).as_bytes()));
        let header = GOOD.scene.header().to_string();
        prop_assert!(is_refused(GOOD.scene.client.sign(&header, &payload).as_bytes()));
    }

    #[test]
    fn any_htu_and_path_are_checked_without_panic(htu in "(https://api\\.example)?.{0,40}", path in ".{0,40}") {
        let claims = serde_json::json!({"htu": htu});
        let proof = GOOD.scene.proof_but(&GOOD.token, serde_json::json!({}), claims);
        let headers = headers(&format!("DPoP {}", GOOD.token), &[&proof]);
        let _ = GOOD.runtime.block_on(GOOD.scene.request(&Method::GET, &path, &headers));
    }
}
