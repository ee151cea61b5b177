//! Who a session belongs to, as the table knows it.

use std::fmt;

use aws_lc_rs::{
    digest,
    hkdf::{HKDF_SHA256, Prk, Salt},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A user under their issuer: the key under which the table lists their sessions.
///
/// The table holds a hash, so that a dump of it names nobody. Whoever can guess a `sub` can check
/// the guess against it: it hides, it does not protect.
#[derive(Clone)]
pub struct UserKey {
    row: String,
    source: Prk,
}

impl UserKey {
    /// The user whom `issuer` calls `subject`.
    pub fn new(issuer: &str, subject: &str) -> Self {
        let name = joined(issuer, subject);
        Self {
            row: format!("user#{}", hash(&name)),
            // Not the hash that stands in the table: that would hand the key to whoever reads it.
            source: Salt::new(HKDF_SHA256, &[]).extract(&name),
        }
    }

    /// The key of their row.
    pub(crate) fn row(&self) -> &str {
        &self.row
    }

    /// What keys for this user are derived from.
    pub(crate) fn source(&self) -> &Prk {
        &self.source
    }
}

impl PartialEq for UserKey {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
    }
}

impl Eq for UserKey {}

/// Nothing by which the user could be found.
impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(..)")
    }
}

/// A session at the provider: the key under which the table lists the sessions that were opened
/// from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSessionKey(String);

impl ProviderSessionKey {
    /// The session that `issuer` calls `sid` (OpenID Connect Back-Channel Logout, section 2.1).
    pub fn new(issuer: &str, sid: &str) -> Self {
        Self(format!("sid#{}", hash(&joined(issuer, sid))))
    }

    /// The key of its row.
    pub(crate) fn row(&self) -> &str {
        &self.0
    }
}

/// The key of the row that says that a logout token was seen.
pub(crate) fn logout_token_row(issuer: &str, jti: &str) -> String {
    format!("logout#{}", hash(&joined(issuer, jti)))
}

/// Both texts, in a way that no other two texts are joined: the length of the first, then both.
fn joined(issuer: &str, name: &str) -> Vec<u8> {
    let length = u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_be_bytes();
    [&length[..], issuer.as_bytes(), name.as_bytes()].concat()
}

fn hash(name: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_under_another_issuer_is_somebody_else() {
        let ada = UserKey::new("https://a.example", "ada");
        assert_eq!(ada, UserKey::new("https://a.example", "ada"));
        assert_ne!(ada, UserKey::new("https://b.example", "ada"));
        assert_ne!(ada, UserKey::new("https://a.example", "bob"));
    }

    #[test]
    fn no_two_pairs_of_issuer_and_name_share_a_key() {
        let pairs = [("https://a.example", "/ada"), ("https://a.example/", "ada"), ("", "")];
        for (index, (issuer, name)) in pairs.into_iter().enumerate() {
            for (other_issuer, other_name) in &pairs[index + 1..] {
                let other = UserKey::new(other_issuer, other_name);
                assert_ne!(UserKey::new(issuer, name), other);
                let other = ProviderSessionKey::new(other_issuer, other_name);
                assert_ne!(ProviderSessionKey::new(issuer, name), other);
            }
        }
    }

    #[test]
    fn users_provider_sessions_and_logout_tokens_never_share_a_row() {
        let user = UserKey::new("https://a.example", "1");
        let provider_session = ProviderSessionKey::new("https://a.example", "1");
        let token = logout_token_row("https://a.example", "1");
        assert!(user.row().starts_with("user#"));
        assert!(provider_session.row().starts_with("sid#"));
        assert!(token.starts_with("logout#"));
    }

    /// `docs/runbook.md` reckons it outside of the code, to end one user's sessions: mend it there
    /// when it changes here.
    #[test]
    fn a_row_is_what_the_runbook_reckons() {
        let ada = UserKey::new("https://a.example", "ada");
        assert_eq!(ada.row(), "user#oQDZ7QAr7g_AfYxx028Wwc3IAxxDp6-wYnPy1I8gNHo");
    }

    #[test]
    fn a_key_says_nothing_about_its_user() {
        let key = UserKey::new("https://a.example", "ada");
        assert_eq!(format!("{key:?}"), "UserKey(..)");
        assert!(!key.row().contains("ada"));
    }
}
