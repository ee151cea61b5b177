//! What the browser holds of a session, and what the table knows of it.

use std::fmt;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::{
    cookies,
    random::{self, Random},
};

const COOKIE: &str = "__Host-session";

/// Text of 32 bytes in base64url.
const TEXT_LENGTH: usize = 43;

/// The 256 random bits in the browser's cookie: they name the session and open it.
///
/// # What breaks if this changes
/// The table holds only the hash of it, and the tokens sealed under a key derived from it. With
/// fewer bits, or bits from a weaker source, a dump of the table could be opened by trying.
#[derive(Clone)]
pub struct SessionSecret(Zeroizing<[u8; 32]>);

impl SessionSecret {
    /// A new one.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Takes the text of a cookie: exactly 43 characters of strict base64url.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TEXT_LENGTH {
            return None;
        }
        let mut buffer = Zeroizing::new([0; 33]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, buffer.as_mut_slice()).ok()?;
        let bytes: [u8; 32] = buffer.get(..length)?.try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    /// The name of its session, which tells nothing about the secret.
    pub fn id(&self) -> SessionId {
        let hash = digest::digest(&digest::SHA256, self.0.as_slice());
        SessionId(URL_SAFE_NO_PAD.encode(hash))
    }

    /// The `Set-Cookie` value that hands it to the browser. The cookie ends with the browser;
    /// when the session ends is for the table to say.
    pub fn set_cookie(&self) -> HeaderValue {
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()));
        cookies::set(COOKIE, text.as_str(), None)
    }

    #[cfg(feature = "store")]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// Nothing of the secret.
impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(..)")
    }
}

/// The key of a session's row: base64url of the SHA-256 of its secret. It opens nothing, so it
/// may be logged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// Takes the text of one: exactly 43 characters of strict base64url.
    pub fn parse(text: &str) -> Option<Self> {
        random::is_text(text).then(|| Self(text.to_owned()))
    }

    /// Its text, 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a request says about its session.
#[derive(Debug)]
pub enum SessionCookie {
    /// There is no session cookie.
    Absent,
    /// There is one that we never made, or more than one. The answer should clear it.
    Malformed,
    /// The secret of a session, which may have ended.
    Present(SessionSecret),
}

impl SessionCookie {
    /// Reads `__Host-session`.
    pub fn of(headers: &HeaderMap) -> Self {
        match cookies::one(headers, COOKIE) {
            Ok(None) => Self::Absent,
            Ok(Some(text)) => SessionSecret::parse(text).map_or(Self::Malformed, Self::Present),
            Err(cookies::DuplicateCookieError) => Self::Malformed,
        }
    }

    /// The `Set-Cookie` value that takes the cookie away.
    pub fn clear() -> HeaderValue {
        cookies::clear(COOKIE)
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;
    use crate::random::{SystemRandom, tests::Counting};

    fn request(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    fn cookie_of(secret: &SessionSecret) -> String {
        let line = secret.set_cookie();
        line.to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    #[test]
    fn a_secret_comes_back_from_its_cookie() {
        let secret = SessionSecret::generate(&SystemRandom);
        let SessionCookie::Present(back) = SessionCookie::of(&request(&cookie_of(&secret))) else {
            panic!("the cookie was refused");
        };
        assert_eq!(back.id(), secret.id());
        assert_eq!(back.0, secret.0);
    }

    #[test]
    fn a_session_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts() {
        let line = SessionSecret::generate(&Counting::default()).set_cookie();
        assert_eq!(
            line,
            "__Host-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; \
             Path=/; Secure; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn the_id_is_the_hash_of_the_secret() {
        let secret = SessionSecret::generate(&Counting::default());
        // printf '\0%.0s' {1..32} | sha256sum
        assert_eq!(secret.id().as_str(), "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU");
    }

    #[test]
    fn an_id_is_read_back_and_nothing_else_is() {
        let id = SessionSecret::generate(&Counting::default()).id();
        assert_eq!(SessionId::parse(id.as_str()), Some(id.clone()));
        let user = format!("user#{}", id.as_str());
        for text in ["", "attempt#x", &user, &id.as_str()[..42]] {
            assert_eq!(SessionId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret = SessionSecret::generate(&Counting::default());
        assert_eq!(format!("{secret:?}"), "SessionSecret(..)");
    }

    #[test]
    fn no_cookie_is_no_session() {
        assert!(matches!(SessionCookie::of(&HeaderMap::new()), SessionCookie::Absent));
        assert!(matches!(SessionCookie::of(&request("session=1")), SessionCookie::Absent));
    }

    #[test]
    fn a_malformed_oversized_or_duplicate_session_cookie_is_refused() {
        let good = cookie_of(&SessionSecret::generate(&Counting::default()));
        let oversized = format!("__Host-session={}", "A".repeat(4000));
        for cookie in [
            "__Host-session=",
            "__Host-session=x",
            &good[..good.len() - 1],
            &format!("{good}A"),
            &format!("{}B", &good[..good.len() - 1]),
            &format!("{}+", &good[..good.len() - 1]),
            "__Host-session=\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
            &oversized,
            &format!("{good}; {good}"),
        ] {
            let read = SessionCookie::of(&request(cookie));
            assert!(matches!(read, SessionCookie::Malformed), "{cookie}");
        }
    }
}
