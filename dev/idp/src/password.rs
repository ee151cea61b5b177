//! Passwords, kept as PBKDF2 hashes.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use serde::{Deserialize, Serialize};

use crate::secret;

/// Rounds for new hashes: what OWASP asks of PBKDF2-HMAC-SHA256. Fewer make a
/// stolen data file cheaper to search; hashes keep their own count, so it can grow.
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
    /// Hashes under a new salt. Takes about a tenth of a second of CPU.
    pub(crate) fn of(password: &str) -> Self {
        let salt = secret::base64url(&secret::bytes::<16>());
        Self { rounds: ROUNDS, hash: derive(ROUNDS, &salt, password), salt }
    }

    /// A hash no password has, to spend the same time on a user who does not exist.
    pub(crate) fn of_nobody() -> Self {
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
        assert!(!PasswordHash::of_nobody().matches(""));
    }
}
