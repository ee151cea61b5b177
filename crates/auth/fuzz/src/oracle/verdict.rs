//! What the oracle says.

/// `None` where the rules leave it open.
pub(crate) type Verdict = Option<bool>;

/// Good when all are, bad when one is.
pub(crate) fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let verdicts: Vec<Verdict> = verdicts.into_iter().collect();
    if verdicts.contains(&Some(false)) {
        Some(false)
    } else if verdicts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// Panics when the crate and the oracle differ.
#[track_caller]
pub(crate) fn agree(accepted: bool, verdict: Verdict, bytes: &[u8], said: &str) {
    assert!(
        verdict.is_none_or(|expected| expected == accepted),
        "the crate {} what the oracle {}: {said}\n{}",
        if accepted { "accepts" } else { "refuses" },
        if accepted { "refuses" } else { "accepts" },
        String::from_utf8_lossy(bytes)
    );
}
