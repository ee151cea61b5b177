//! Seals what a session holds under the secret that only the browser has, and the device that it
//! was made on under a key that every session of the same user can derive.

mod aead;

use std::time::SystemTime;

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

pub(crate) use aead::OpenError;

use crate::{
    contents::{ApiToken, SessionContents},
    device::Device,
    random::Random,
    secret::{SessionId, SessionSecret},
    user_key::UserKey,
};

const CONTENTS: &[u8] = b"tollgate session contents, AES-256-GCM, format 1";
const API_TOKEN: &[u8] = b"tollgate session API token, AES-256-GCM, format 1";
const DEVICE: &[u8] = b"tollgate session device, AES-256-GCM, format 1";

/// What of a row stands in clear but cannot be changed without the secret.
///
/// # What breaks if this changes
/// It is the associated data: without the row's key, a sealed value could be moved to another
/// row; without the times, whoever can write to the table could make sessions last for ever.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssociatedData<'a> {
    pub(crate) id: &'a SessionId,
    pub(crate) created_at: SystemTime,
    pub(crate) expires_at: SystemTime,
}

pub(crate) fn seal(
    contents: &SessionContents,
    secret: &SessionSecret,
    label: AssociatedData<'_>,
    random: &dyn Random,
) -> Vec<u8> {
    // Room for the tag, so that no copy of the clear text is left behind.
    let mut clear = Zeroizing::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer(&mut *clear, contents).expect("strings, numbers and maps become JSON");
    aead::seal(clear, &session_key(secret, CONTENTS), associated(label), random)
}

pub(crate) fn open(
    sealed: &[u8],
    secret: &SessionSecret,
    label: AssociatedData<'_>,
) -> Result<SessionContents, OpenError> {
    let clear = aead::open(sealed, &session_key(secret, CONTENTS), associated(label))?;
    serde_json::from_slice(&clear).map_err(|_| OpenError)
}

/// Sealed apart from the contents, so that each reader opens only the token of its API.
pub(crate) fn seal_api_token(
    token: &ApiToken,
    api: &str,
    secret: &SessionSecret,
    label: AssociatedData<'_>,
    random: &dyn Random,
) -> Vec<u8> {
    let mut clear = Zeroizing::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer(&mut *clear, token).expect("strings and numbers become JSON");
    aead::seal(clear, &session_key(secret, API_TOKEN), of_api(label, api), random)
}

pub(crate) fn open_api_token(
    sealed: &[u8],
    api: &str,
    secret: &SessionSecret,
    label: AssociatedData<'_>,
) -> Result<ApiToken, OpenError> {
    let clear = aead::open(sealed, &session_key(secret, API_TOKEN), of_api(label, api))?;
    serde_json::from_slice(&clear).map_err(|_| OpenError)
}

/// Sealed for the user, not for the session: their other sessions show it in the list.
pub(crate) fn seal_device(
    device: &Device,
    user: &UserKey,
    id: &SessionId,
    random: &dyn Random,
) -> Vec<u8> {
    let clear = serde_json::to_vec(device).expect("strings become JSON");
    let key = aead::key(user.source(), DEVICE);
    aead::seal(Zeroizing::new(clear), &key, device_row(id), random)
}

pub(crate) fn open_device(
    sealed: &[u8],
    user: &UserKey,
    id: &SessionId,
) -> Result<Device, OpenError> {
    let clear = aead::open(sealed, &aead::key(user.source(), DEVICE), device_row(id))?;
    serde_json::from_slice(&clear).map_err(|_| OpenError)
}

fn session_key(secret: &SessionSecret, purpose: &[u8]) -> aws_lc_rs::aead::LessSafeKey {
    // No salt: the secret is 256 uniformly random bits already (RFC 5869, 3.1).
    aead::key(&Salt::new(HKDF_SHA256, &[]).extract(secret.bytes()), purpose)
}

fn associated(label: AssociatedData<'_>) -> Vec<u8> {
    let seconds = |time: SystemTime| {
        time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().to_be_bytes()
    };
    // The times have a fixed length and the id is the rest, so it can be read in one way only.
    let times = [seconds(label.created_at), seconds(label.expires_at)].concat();
    [&[aead::FORMAT], &times[..], label.id.as_str().as_bytes()].concat()
}

/// An id has a fixed length, so this too can be read in one way only.
fn of_api(label: AssociatedData<'_>, api: &str) -> Vec<u8> {
    [&associated(label), api.as_bytes()].concat()
}

fn device_row(id: &SessionId) -> Vec<u8> {
    [&[aead::FORMAT], id.as_str().as_bytes()].concat()
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
            scopes: None,
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

        fn label(&self) -> AssociatedData<'_> {
            AssociatedData { id: &self.id, created_at: at(10), expires_at: at(20) }
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
        assert_eq!(open(&case.seal(), &other, case.label()), Err(OpenError));
    }

    #[test]
    fn a_sealed_value_opens_in_no_other_row_and_with_no_other_times() {
        let case = Case::new();
        let other = SessionSecret::generate(&SystemRandom).id();
        let label = case.label();
        for label in [
            AssociatedData { id: &other, ..label },
            AssociatedData { created_at: at(11), ..label },
            AssociatedData { expires_at: at(21), ..label },
        ] {
            assert_eq!(open(&case.seal(), &case.secret, label), Err(OpenError));
        }
    }

    #[test]
    fn an_api_token_opens_in_its_row_for_its_api_alone() {
        let case = Case::new();
        let (access_token, obtained_at) = (Token::from("for-orders"), at(10));
        let token = ApiToken { access_token, expires_at: Some(at(20)), obtained_at };
        let seal = |api| seal_api_token(&token, api, &case.secret, case.label(), &SystemRandom);
        let open_as = |api, label| open_api_token(&seal("orders"), api, &case.secret, label);
        assert_eq!(open_as("orders", case.label()), Ok(token.clone()));
        for api in ["billing", "order", "orders2", ""] {
            assert_eq!(open_as(api, case.label()), Err(OpenError), "{api}");
        }
        let other = SessionSecret::generate(&SystemRandom);
        let label = AssociatedData { expires_at: at(21), ..case.label() };
        assert_eq!(open_as("orders", label), Err(OpenError));
        let label = AssociatedData { id: &other.id(), ..case.label() };
        assert_eq!(open_as("orders", label), Err(OpenError));
        let opened = open_api_token(&seal("orders"), "orders", &other, case.label());
        assert_eq!(opened, Err(OpenError));
        // Neither kind opens as the other, not even with an empty name.
        assert_eq!(open(&seal(""), &case.secret, case.label()), Err(OpenError));
        let contents = open_api_token(&case.seal(), "", &case.secret, case.label());
        assert_eq!(contents, Err(OpenError));
    }

    #[test]
    fn a_changed_or_shortened_value_does_not_open() {
        let case = Case::new();
        let sealed = case.seal();
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(open(&changed, &case.secret, case.label()), Err(OpenError));
            assert_eq!(open(&sealed[..position], &case.secret, case.label()), Err(OpenError));
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

    #[test]
    fn a_device_opens_for_its_user_in_its_row_and_for_nobody_else() {
        let id = SessionSecret::generate(&SystemRandom).id();
        let user = UserKey::new("https://issuer.example", "ada");
        let address = Some([192, 0, 2, 1].into());
        let device = Device::of(Some("Mozilla/5.0 (X11; Linux) Firefox/140.0"), address);
        let sealed = seal_device(&device, &user, &id, &SystemRandom);
        assert_eq!(open_device(&sealed, &user, &id), Ok(device));
        let other = UserKey::new("https://issuer.example", "bob");
        assert_eq!(open_device(&sealed, &other, &id), Err(OpenError));
        let other = SessionSecret::generate(&SystemRandom).id();
        assert_eq!(open_device(&sealed, &user, &other), Err(OpenError));
        let text = String::from_utf8_lossy(&sealed).into_owned();
        assert!(!text.contains("Firefox") && !text.contains("192.0.2.1"));
    }
}
