//! Where secrets come from.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A source of bytes that nobody can guess. Injected, so that tests know what they get.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// The generator of aws-lc, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes)
            .expect("aws-lc ends the process rather than to go on without entropy");
    }
}

/// 256 random bits as 43 characters that need no escaping in a URL or a cookie.
pub fn text(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether `text` is one that [`text`] could have made: 32 bytes in base64url, and in
/// the one spelling that has no stray bits at its end.
pub(crate) fn is_text(text: &str) -> bool {
    let mut bytes = [0; 33];
    text.len() == 43 && URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) == Ok(32)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts instead of guessing, so that every draw differs and every run is the same.
    #[derive(Default)]
    pub(crate) struct Counting(AtomicU64);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes.iter_mut().zip(count.iter().cycle()).for_each(|(byte, count)| *byte = *count);
        }
    }

    #[test]
    fn what_is_drawn_is_taken_back() {
        assert!(is_text(&text(&SystemRandom)));
        assert!(is_text(&text(&Counting::default())));
    }

    #[test]
    fn anything_but_43_characters_of_strict_base64url_is_refused() {
        let good = text(&Counting::default());
        let stray_bits = format!("{}B", &good[..42]);
        let padded = format!("{}=", &good[..42]);
        let foreign = format!("{}+", &good[..42]);
        for bad in ["", "A", &good[..42], &format!("{good}A"), &stray_bits, &padded, &foreign] {
            assert!(!is_text(bad), "{bad}");
        }
    }

    #[test]
    fn two_draws_differ() {
        assert_ne!(text(&SystemRandom), text(&SystemRandom));
    }
}
