//! Random values, digests and encodings.

use aws_lc_rs::{constant_time, digest, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Unguessable bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A value of 256 random bits for codes, refresh tokens, cookies.
pub(crate) fn token() -> String {
    base64url(&bytes::<32>())
}

/// Six digits, as sent to a phone.
pub(crate) fn digits() -> String {
    format!("{:06}", u32::from_be_bytes(bytes()) % 1_000_000)
}

/// A client secret like Entra's: its `~` tests the form encoding of HTTP Basic.
pub(crate) fn client_secret() -> String {
    let tail = token();
    format!("dev8Q~{}", &tail[..34])
}

/// A random GUID, for object, trace and correlation ids.
pub(crate) fn guid() -> String {
    uuid::Builder::from_random_bytes(bytes()).into_uuid().to_string()
}

/// The SHA-256 of a value, so that stored digests cannot be used in its place.
pub(crate) fn digest(value: &str) -> String {
    base64url(digest::digest(&digest::SHA256, value.as_bytes()).as_ref())
}

/// Compares in constant time.
pub(crate) fn equal(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Base64url without padding, the encoding of JOSE and OAuth.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes [`base64url`].
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
