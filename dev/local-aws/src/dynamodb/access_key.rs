use std::fmt;

/// The alphabet of access key ids: base32 (RFC 4648).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The credentials of one database, generated when it starts.
///
/// The id is what a request must present. It is compared and the signature is not verified:
/// another user's process or a web page cannot see it, and who can read it could read the secret
/// key, too.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl AccessKey {
    pub(crate) fn generate() -> Self {
        Self { id: random::<20>(), secret: random::<40>() }
    }

    /// Whether an `Authorization` header (AWS Signature Version 4) names this key.
    pub(crate) fn signed(&self, authorization: &str) -> bool {
        let credential = authorization
            .strip_prefix("AWS4-HMAC-SHA256 ")
            .and_then(|parameters| parameters.split_once("Credential="))
            .and_then(|(_, credential)| credential.split_once('/'));
        credential.is_some_and(|(id, _scope)| id == self.id)
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").finish_non_exhaustive()
    }
}

fn random<const N: usize>() -> String {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}
