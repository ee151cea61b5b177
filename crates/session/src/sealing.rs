//! Seals what a session holds under the secret that only the browser has.

use std::time::SystemTime;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf,
};
use zeroize::Zeroizing;

use crate::{
    contents::SessionContents,
    random::Random,
    secret::{SessionId, SessionSecret},
};

/// The first byte of what is sealed. Another format, another number: rows of before no longer
/// open, and their users sign in again.
const FORMAT: u8 = 1;

/// Keeps this key apart from any other that might ever be derived from the same secret.
const KEY_PURPOSE: &[u8] = b"tollgate session contents, AES-256-GCM, format 1";

/// What of a row stands in clear but cannot be changed without the secret.
///
/// # What breaks if this changes
/// It is the associated data: without the row's key, a sealed value could be moved to another
/// row; without the times, whoever can write to the table could make sessions last for ever.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label<'a> {
    pub(crate) id: &'a SessionId,
    pub(crate) created_at: SystemTime,
    pub(crate) expires_at: SystemTime,
}

/// The sealed value was not made with this secret for this row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unopened;

/// `format | nonce | ciphertext and tag`. The nonce is drawn at random: a session is sealed a
/// few hundred times under its own key, and 2³² times would be safe.
pub(crate) fn seal(
    contents: &SessionContents,
    secret: &SessionSecret,
    label: Label<'_>,
    random: &dyn Random,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce);
    // Room for the tag, so that no copy of the clear text is left behind.
    let mut sealed = Vec::with_capacity(16 * 1024);
    serde_json::to_writer(&mut sealed, contents).expect("strings, numbers and maps become JSON");
    let mut sealed = Zeroizing::new(sealed);
    key(secret)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            associated(label),
            &mut *sealed,
        )
        .expect("AES-GCM seals up to 64 GiB");
    [&[FORMAT], &nonce[..], &sealed].concat()
}

pub(crate) fn open(
    sealed: &[u8],
    secret: &SessionSecret,
    label: Label<'_>,
) -> Result<SessionContents, Unopened> {
    let [FORMAT, rest @ ..] = sealed else { return Err(Unopened) };
    let (nonce, rest) = rest.split_at_checked(NONCE_LEN).ok_or(Unopened)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopened)?;
    let mut buffer = Zeroizing::new(rest.to_vec());
    let clear = key(secret)
        .open_in_place(nonce, associated(label), &mut buffer)
        .map_err(|aws_lc_rs::error::Unspecified| Unopened)?;
    serde_json::from_slice(clear).map_err(|_| Unopened)
}

fn key(secret: &SessionSecret) -> LessSafeKey {
    // No salt: the secret is 256 uniformly random bits already (RFC 5869, 3.1).
    let key = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(secret.bytes());
    let info = [KEY_PURPOSE];
    let key = key.expand(&info, &AES_256_GCM).expect("32 bytes are within 255 hashes");
    LessSafeKey::new(UnboundKey::from(key))
}

fn associated(label: Label<'_>) -> Aad<Vec<u8>> {
    let seconds = |time: SystemTime| {
        time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().to_be_bytes()
    };
    // The times have a fixed length and the id is the rest, so it can be read in one way only.
    let times = [seconds(label.created_at), seconds(label.expires_at)].concat();
    Aad::from([&[FORMAT], &times[..], label.id.as_str().as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{contents::Token, random::SystemRandom};

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn contents() -> SessionContents {
        SessionContents {
            access_token: Token::from("access"),
            access_expires_at: Some(at(3600)),
            obtained_at: at(0),
            refresh_token: Some(Token::from("refresh")),
            id_token: Token::from("id"),
            claims: [("email".to_owned(), "ada@example.com".into())].into_iter().collect(),
            userinfo: serde_json::Map::new(),
        }
    }

    struct Case {
        secret: SessionSecret,
        id: SessionId,
    }

    impl Case {
        fn new() -> Self {
            let secret = SessionSecret::generate(&SystemRandom);
            Self { id: secret.id(), secret }
        }

        fn label(&self) -> Label<'_> {
            Label { id: &self.id, created_at: at(10), expires_at: at(20) }
        }

        fn seal(&self) -> Vec<u8> {
            seal(&contents(), &self.secret, self.label(), &SystemRandom)
        }
    }

    #[test]
    fn the_secret_opens_what_it_sealed() {
        let case = Case::new();
        assert_eq!(open(&case.seal(), &case.secret, case.label()), Ok(contents()));
    }

    #[test]
    fn another_secret_opens_nothing() {
        let case = Case::new();
        let other = SessionSecret::generate(&SystemRandom);
        assert_eq!(open(&case.seal(), &other, case.label()), Err(Unopened));
    }

    #[test]
    fn a_sealed_value_opens_in_no_other_row_and_with_no_other_times() {
        let case = Case::new();
        let other = SessionSecret::generate(&SystemRandom).id();
        let label = case.label();
        for label in [
            Label { id: &other, ..label },
            Label { created_at: at(11), ..label },
            Label { expires_at: at(21), ..label },
        ] {
            assert_eq!(open(&case.seal(), &case.secret, label), Err(Unopened));
        }
    }

    #[test]
    fn a_changed_or_shortened_value_does_not_open() {
        let case = Case::new();
        let sealed = case.seal();
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(open(&changed, &case.secret, case.label()), Err(Unopened));
            assert_eq!(open(&sealed[..position], &case.secret, case.label()), Err(Unopened));
        }
    }

    #[test]
    fn sealing_twice_gives_different_values_that_hold_nothing_in_clear() {
        let case = Case::new();
        assert_ne!(case.seal(), case.seal());
        let text = String::from_utf8_lossy(&case.seal()).into_owned();
        for clear in ["access", "refresh", "ada@example.com", "email"] {
            assert!(!text.contains(clear));
        }
    }
}
