//! RFC 9449, section 11.1: a proof is good around the time it was made.

use std::time::Duration;

use serde_json::json;

use super::{DpopHarness, fact};

#[tokio::test]
async fn iat_is_within_60_seconds_of_now_in_either_direction() {
    let dpop_harness = DpopHarness::new();
    let now = dpop_harness.harness.clock.seconds();
    for good in [now - 60, now - 59, now, now + 59, now + 60] {
        assert_eq!(dpop_harness.check(json!({}), json!({"iat": good})).await, Ok(()), "{good}");
    }
    for bad in [0, now - 3600, now - 61, now + 61, now + 3600] {
        assert_eq!(dpop_harness.refused(json!({"iat": bad})).await, "proof_wrong_time", "{bad}");
    }
    #[allow(clippy::cast_precision_loss, reason = "seconds of this century are exact")]
    let now = now as f64;
    assert_eq!(dpop_harness.check(json!({}), json!({"iat": now - 59.5})).await, Ok(()));
    for bad in [now - 60.5, now + 60.5] {
        assert_eq!(dpop_harness.refused(json!({"iat": bad})).await, "proof_wrong_time", "{bad}");
    }
}

#[tokio::test]
async fn a_proof_grows_too_old() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let (early, late) = (dpop_harness.proof(&token), dpop_harness.proof(&token));
    dpop_harness.harness.clock.forward(60);
    assert_eq!(fact(dpop_harness.send(&token, &early).await), Ok(()));
    dpop_harness.harness.clock.forward(1);
    assert_eq!(fact(dpop_harness.send(&token, &late).await), Err("proof_wrong_time"));
}

#[tokio::test]
async fn the_window_can_be_set() {
    let dpop_harness = DpopHarness::with(|dpop| dpop.with_window(Duration::from_secs(5)));
    let now = dpop_harness.harness.clock.seconds();
    for (iat, good) in [(now - 6, false), (now - 5, true), (now + 5, true), (now + 6, false)] {
        assert_eq!(dpop_harness.check(json!({}), json!({"iat": iat})).await.is_ok(), good, "{iat}");
    }
}

#[tokio::test]
async fn no_window_is_so_long_that_times_overflow() {
    let dpop_harness = DpopHarness::with(|dpop| dpop.with_window(Duration::MAX));
    let token = dpop_harness.token();
    let proof = dpop_harness.proof(&token);
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("proof_replayed"));
    assert_eq!(dpop_harness.refused(json!({"iat": 0})).await, "proof_wrong_time");
}

#[tokio::test]
async fn a_time_that_is_none_is_refused() {
    let dpop_harness = DpopHarness::new();
    for iat in [json!(-1), json!(1e300), json!(253_402_300_800_u64), json!(u64::MAX)] {
        assert_eq!(dpop_harness.refused(json!({"iat": iat})).await, "time_out_of_range");
    }
    for iat in [json!(0), json!(-0.0), json!(5e-324), json!(253_402_300_799_u64)] {
        assert_eq!(dpop_harness.refused(json!({"iat": iat})).await, "proof_wrong_time");
    }
}
