//! Who we are at the provider.

use std::str::FromStr;

/// The client id that the provider gave the web app (RFC 6749, section 2.2). Not a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientId(Box<str>);

impl ClientId {
    /// The id as the provider knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One or more printable ASCII characters (RFC 6749, appendix A.1).
impl FromStr for ClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        let printable = |byte| matches!(byte, 0x20..=0x7e);
        if text.is_empty() || !text.bytes().all(printable) {
            return Err(ClientIdError);
        }
        Ok(Self(text.into()))
    }
}

/// Not a client id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client id is one or more printable ASCII characters")]
pub struct ClientIdError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_printable_ascii() {
        assert_eq!("22222222-bbbb".parse::<ClientId>().unwrap().as_str(), "22222222-bbbb");
        for bad in ["", "a\nb", "caf\u{e9}", "a\u{7f}"] {
            assert_eq!(bad.parse::<ClientId>(), Err(ClientIdError), "{bad:?}");
        }
    }
}
