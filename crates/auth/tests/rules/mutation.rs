//! Any change to a valid token is refused.

use std::sync::LazyLock;

use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::harness::Harness;

struct Good {
    runtime: Runtime,
    harness: Harness,
    token: String,
}

static GOOD: LazyLock<Good> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().build().unwrap();
    let harness = Harness::new();
    let token = harness.signer.token(&harness.claims());
    assert!(runtime.block_on(harness.verify(&token)).is_ok());
    Good { runtime, harness, token }
});

fn is_refused(token: &str) -> bool {
    GOOD.runtime.block_on(GOOD.harness.verify(token)).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_byte_changed_is_refused(at in any::<prop::sample::Index>(), byte in 0_u8..128) {
        let mut bytes = GOOD.token.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        prop_assert!(is_refused(std::str::from_utf8(&bytes).unwrap()));
    }

    #[test]
    fn any_byte_taken_out_or_put_in_is_refused(at in any::<prop::sample::Index>(), byte in 0_u8..128) {
        let at = at.index(GOOD.token.len());
        let mut shorter = GOOD.token.clone();
        shorter.remove(at);
        prop_assert!(is_refused(&shorter));
        let mut longer = GOOD.token.clone();
        longer.insert(at, char::from(byte));
        prop_assert!(is_refused(&longer));
    }

    #[test]
    fn any_text_is_refused_and_nothing_panics(text in ".*", parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..5)) {
        prop_assert!(is_refused(&text));
        prop_assert!(is_refused(&parts.join(".")));
    }

    #[test]
    fn any_signed_json_is_checked_without_panic(header in ".{0,60}", payload in "[\\[\\]{}\":,a-z0-9.e-]{0,80}") {
        prop_assert!(is_refused(&GOOD.harness.signer.sign(&header, &payload)));
        let header = GOOD.harness.signer.header().to_string();
        prop_assert!(is_refused(&GOOD.harness.signer.sign(&header, &payload)));
    }
}

#[test]
fn every_bit_flipped_is_refused() {
    for at in 0..GOOD.token.len() {
        for bit in 0..7 {
            let mut bytes = GOOD.token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            assert!(is_refused(std::str::from_utf8(&bytes).unwrap()), "bit {bit} of byte {at}");
        }
    }
}
