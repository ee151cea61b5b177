//! Passwords, stored as PBKDF2 hashes.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use serde::{Deserialize, Serialize};

use crate::secret;

/// Rounds for new hashes, as OWASP recommends for PBKDF2-HMAC-SHA256. Fewer make guessing
/// passwords from a stolen data file cheaper; hashes store their own count, so it can grow.
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).expect("a constant above zero");

const LENGTH: usize = 32;

/// A salted hash of a password.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PasswordHash {
    rounds: NonZeroU32,
    salt: String,
    hash: String,
}

impl PasswordHash {
    /// Hashes with a new salt, which takes about a tenth of a second of CPU.
    pub(crate) fn of(password: &str) -> Self {
        let salt = secret::base64url(&secret::bytes::<16>());
        Self { rounds: ROUNDS, hash: derive(ROUNDS, &salt, password), salt }
    }

    /// A hash that no password matches, to take the same time for a user who doesn't exist.
    pub(crate) fn unmatchable() -> Self {
        Self { rounds: ROUNDS, salt: String::new(), hash: String::new() }
    }

    /// Whether this is the password. Takes as long as [`of`](Self::of).
    pub(crate) fn matches(&self, password: &str) -> bool {
        secret::equal(&derive(self.rounds, &self.salt, password), &self.hash)
    }
}

fn derive(rounds: NonZeroU32, salt: &str, password: &str) -> String {
    let mut out = [0; LENGTH];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        rounds,
        salt.as_bytes(),
        password.as_bytes(),
        &mut out,
    );
    secret::base64url(&out)
}

#[cfg(test)]
mod tests {
    use super::PasswordHash;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = PasswordHash::of("correct horse");
        assert!(hash.matches("correct horse"));
        assert!(!hash.matches("correct horse "));
        assert!(!PasswordHash::unmatchable().matches(""));
    }
}
