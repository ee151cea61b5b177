//! One format for everything that is sealed: `format | nonce | ciphertext and tag`, AES-256-GCM.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::Prk,
};
use zeroize::Zeroizing;

use crate::random::Random;

/// The first byte of what is sealed. Another format, another number: rows of before no longer
/// open, and their users sign in again.
pub(super) const FORMAT: u8 = 1;

/// The sealed value was not made with this key for this row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OpenError;

/// The key that is derived for one purpose. `purpose` keeps it apart from any other that might
/// ever be derived from the same source.
pub(super) fn key(source: &Prk, purpose: &[u8]) -> LessSafeKey {
    let info = [purpose];
    let key = source.expand(&info, &AES_256_GCM).expect("32 bytes are within 255 hashes");
    LessSafeKey::new(UnboundKey::from(key))
}

/// The nonce is drawn at random: 2³² values under one key would be safe, and nothing here comes
/// near that. `associated` is what stands beside the value and must not be changed.
pub(super) fn seal(
    clear: Zeroizing<Vec<u8>>,
    key: &LessSafeKey,
    associated: Vec<u8>,
    random: &dyn Random,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce);
    let mut sealed = clear;
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(associated),
        &mut *sealed,
    )
    .expect("AES-GCM seals up to 64 GiB");
    [&[FORMAT], &nonce[..], &sealed].concat()
}

pub(super) fn open(
    sealed: &[u8],
    key: &LessSafeKey,
    associated: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let [FORMAT, rest @ ..] = sealed else { return Err(OpenError) };
    let (nonce, rest) = rest.split_at_checked(NONCE_LEN).ok_or(OpenError)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError)?;
    let mut buffer = Zeroizing::new(rest.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(associated), &mut buffer)
        .map_err(|aws_lc_rs::error::Unspecified| OpenError)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}
