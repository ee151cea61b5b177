//! Nonces for proofs.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{hmac, rand};

use crate::token::base64url;

/// How long a nonce is good: about as long before a proof could be made by
/// an attacker who had a client's key for a moment.
const LIFETIME: Duration = Duration::from_mins(5);
/// How far the clocks of two instances may be apart.
const SKEW: Duration = Duration::from_secs(5);
/// Bytes of the time in a nonce.
const TIME: usize = 8;

/// Makes and knows nonces for DPoP proofs (RFC 9449, section 9).
///
/// They are kept nowhere: a nonce is the time it was made and an HMAC of that.
/// It is not a secret and may be used for many proofs until it is five minutes old.
#[derive(Clone)]
pub struct DpopNonces {
    key: hmac::Key,
}

impl DpopNonces {
    /// With a key of 32 random bytes that all instances share.
    pub fn new(key: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// With a key of this process alone. Another instance does not know its
    /// nonces, and has the client make one more proof.
    ///
    /// # Panics
    /// When the machine has no random bytes.
    pub fn generate() -> Self {
        let mut key = [0; 32];
        rand::fill(&mut key).expect("the kernel gives random bytes");
        Self::new(&key)
    }

    pub(crate) fn issue(&self, now: SystemTime) -> String {
        let time = seconds(now).to_be_bytes();
        base64url::encode(&[&time[..], hmac::sign(&self.key, &time).as_ref()].concat())
    }

    pub(crate) fn is_good(&self, nonce: &str, now: SystemTime) -> bool {
        let nonce = base64url::decode(nonce).unwrap_or_default();
        let Some((time, tag)) = nonce.split_at_checked(TIME) else { return false };
        if hmac::verify(&self.key, time, tag).is_err() {
            return false;
        }
        let issued = u64::from_be_bytes(time.try_into().expect("split at its length"));
        let now = seconds(now);
        now <= issued.saturating_add(LIFETIME.as_secs()) && issued <= now + SKEW.as_secs()
    }
}

/// Without the key.
impl fmt::Debug for DpopNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopNonces").finish_non_exhaustive()
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_nonce_is_good_for_5_minutes() {
        let nonces = DpopNonces::new(&[7; 32]);
        let nonce = nonces.issue(at(1000));
        for (time, good) in [(994, false), (995, true), (1000, true), (1300, true), (1301, false)] {
            assert_eq!(nonces.is_good(&nonce, at(time)), good, "{time}");
        }
    }

    #[test]
    fn another_key_or_a_changed_nonce_is_no_good() {
        let nonces = DpopNonces::new(&[7; 32]);
        let nonce = nonces.issue(at(1000));
        assert!(!DpopNonces::new(&[8; 32]).is_good(&nonce, at(1000)));
        assert!(!DpopNonces::generate().is_good(&nonce, at(1000)));
        let later = nonces.issue(at(1001));
        let forged = format!("{}{}", &later[..12], &nonce[12..]);
        for bad in ["", "AAAA", "AAAAAAAAAAA", &nonce[1..], &nonce[..20], &forged] {
            assert!(!nonces.is_good(bad, at(1000)), "{bad}");
        }
    }
}
