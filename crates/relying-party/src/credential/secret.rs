use zeroize::Zeroizing;

/// A client secret. Wiped from memory when it is dropped, and without `Debug` and `Display`.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// Reads a secret: one or more printable ASCII characters (RFC 6749, appendix A.2).
    ///
    /// # Errors
    /// When it is empty or has another character in it, a line break for example.
    pub fn parse(text: &str) -> Result<Self, ClientSecretError> {
        let printable = |byte| matches!(byte, 0x20..=0x7e);
        if text.is_empty() || !text.bytes().all(printable) {
            return Err(ClientSecretError);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret itself, for the request that shows it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// Not a client secret. Does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client secret is one or more printable ASCII characters")]
pub struct ClientSecretError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_secret_is_printable_ascii() {
        assert_eq!(ClientSecret::parse("a~b:c d").ok().unwrap().expose(), "a~b:c d");
        for bad in ["", "a\nb", "\u{e9}"] {
            assert_eq!(ClientSecret::parse(bad).err(), Some(ClientSecretError), "{bad:?}");
        }
    }
}
