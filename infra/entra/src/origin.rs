use std::{fmt, str::FromStr};

use url::Url;

/// An origin that browsers see the web app under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// Not such an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not a URL, or one with more than an origin in it.
    #[error(
        "an origin has a scheme, a host and perhaps a port, for example https://todo.example.com"
    )]
    Form,
    /// Entra takes redirect URIs over plain http on this machine only.
    #[error("it must be https; http is for localhost and 127.0.0.1 alone")]
    Http,
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(|_| OriginError::Form)?;
        let origin = url.origin().ascii_serialization();
        if url.as_str() != format!("{origin}/") {
            return Err(OriginError::Form);
        }
        match (url.scheme(), url.host_str()) {
            ("https", Some(_)) | ("http", Some("localhost" | "127.0.0.1")) => Ok(Self(origin)),
            ("http", Some(_)) => Err(OriginError::Http),
            _ => Err(OriginError::Form),
        }
    }
}

impl Origin {
    /// The address of a path under it.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Whether it is more than an address on this machine.
    pub fn is_public(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A `--public-url`: an origin over https.
///
/// # Errors
/// When it is none.
pub(crate) fn public(text: &str) -> Result<Origin, OriginError> {
    let origin: Origin = text.parse()?;
    if origin.is_public() { Ok(origin) } else { Err(OriginError::Http) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_with_and_without_its_slash() {
        for text in ["https://todo.example.com", "https://todo.example.com/"] {
            assert_eq!(public(text).unwrap().at("/callback"), "https://todo.example.com/callback");
        }
    }

    #[test]
    fn more_than_an_origin_is_refused() {
        for text in [
            "todo.example.com",
            "https://a.example/b",
            "https://a.example/?b",
            "https://u@a.example",
            "ftp://a.example",
            "file:///a",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(OriginError::Form), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_and_never_public() {
        assert!("http://localhost:3000".parse::<Origin>().is_ok());
        assert_eq!("http://todo.example.com".parse::<Origin>(), Err(OriginError::Http));
        assert_eq!("http://[::1]:3000".parse::<Origin>(), Err(OriginError::Http));
        assert_eq!(public("http://localhost:3000"), Err(OriginError::Http));
    }
}
