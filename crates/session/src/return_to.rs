//! Where the browser goes after sign-in.

use url::{Position, Url};

/// Longer ones become `/`: eight transactions, each with one of these, must fit into the 10 KiB of
/// headers that API Gateway takes.
const MAX_LENGTH: usize = 512;

/// Stands in for our origin. A reference that begins with `/` resolves within any http or https
/// origin in the same way or leaves it in the same way, so the real one need not be known here.
const ORIGIN: &str = "https://origin.invalid/";

/// A path on our own origin, with query and fragment, in the spelling that a browser gives it.
///
/// # What breaks if this is wrong
/// The browser is sent to this right after it signed in. If it could leave our origin, a link to
/// our sign-in would bring a user to a look-alike page at the very moment they trust it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The start page, `/`.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// Takes a path on our origin; whatever is anything else, or only could be, becomes `/`.
    ///
    /// It is judged as a browser resolves it, as it stands and percent-decoded once (something
    /// on the way may decode it), and the spelling that comes out is judged again.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::on_our_origin(text).map_or_else(Self::home, Self)
    }

    /// The path, beginning with exactly one `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn on_our_origin(text: &str) -> Option<String> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let decoded: Vec<u8> = percent_decoded(text);
        resolve(str::from_utf8(&decoded).ok()?)?;
        let path = resolve(text)?;
        // Dots that resolve away can bring a `//` to the front.
        (resolve(&path)? == path && path.len() <= MAX_LENGTH).then_some(path)
    }
}

/// The path of `text` within the stand-in origin, unless it leads out of it or uses a spelling
/// that browsers and servers are known to read differently.
fn resolve(text: &str) -> Option<String> {
    let plain = |character: char| !character.is_control() && character != '\\';
    if !text.starts_with('/') || text.starts_with("//") || !text.chars().all(plain) {
        return None;
    }
    let origin = Url::parse(ORIGIN).expect("it is an absolute URL");
    let url = origin.join(text).ok()?;
    let at_home = url.origin() == origin.origin()
        && url.username().is_empty()
        && url.password().is_none()
        && !url.path().starts_with("//");
    // Back into a sign-in, a link could lead round and round.
    let goes_round = matches!(url.path(), "/callback" | "/signin" | "/signin/pushed");
    (at_home && !goes_round).then(|| url[Position::BeforePath..].to_owned())
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    while let [first, rest @ ..] = bytes {
        let escaped = || Some(digit(rest.first())? * 16 + digit(rest.get(1))?);
        if let (b'%', Some(Ok(byte))) = (first, escaped().map(u8::try_from)) {
            decoded.push(byte);
            bytes = &rest[2..];
        } else {
            decoded.push(*first);
            bytes = rest;
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_on_our_origin_is_kept() {
        for path in [
            "/",
            "/todos",
            "/todos?filter=open&x=1#todo-5",
            "/#claims",
            "/a%20b",
            "/caf%C3%A9",
            "/?next=%2F%2Fevil.example",
            "/todos/https:/evil.example",
            "/@evil.example",
            "/a//b",
            "/signing",
        ] {
            assert_eq!(ReturnTo::parse(path).as_str(), path);
        }
    }

    #[test]
    fn a_link_into_a_sign_in_becomes_the_start_page() {
        for round in ["/signin", "/signin?return_to=/signin", "/a/../signin", "/callback?code=x"] {
            assert_eq!(ReturnTo::parse(round).as_str(), "/", "{round}");
        }
    }

    #[test]
    fn a_path_is_spelled_as_a_browser_spells_it() {
        assert_eq!(ReturnTo::parse("/a/../b c/é").as_str(), "/b%20c/%C3%A9");
    }

    #[test]
    fn whatever_could_leave_our_origin_becomes_the_start_page() {
        for payload in [
            "",
            "todos",
            "?x",
            "#x",
            "https://evil.example",
            "https:evil.example",
            "https:/evil.example",
            "HTTPS://evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "///evil.example",
            "////evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "/\\/evil.example",
            "/%5Cevil.example",
            "/%5c%5cevil.example",
            "/%2Fevil.example",
            "/%2f/evil.example",
            "%2F%2Fevil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r/evil.example",
            "/%09/evil.example",
            "/%0a/evil.example",
            "/%0D%0ALocation:%20https://evil.example",
            "\t//evil.example",
            " //evil.example",
            "/a/..//evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/%2e//evil.example",
            "/%2e%2e//evil.example",
            "/x/%2e%2e//evil.example",
            "/..%2f/evil.example",
            "/.%2Fevil.example/..//x",
            "//user:pw@evil.example",
            "//evil.example:443/",
            "/\u{0}//evil.example",
            "/%00",
            "/\u{85}/evil.example",
            "/\u{7f}",
            "/%FF%FE",
            "http://localhost:3000/todos",
        ] {
            assert_eq!(ReturnTo::parse(payload).as_str(), "/", "{payload:?}");
        }
    }

    #[test]
    fn a_path_that_is_too_long_becomes_the_start_page() {
        let longest = format!("/{}", "a".repeat(MAX_LENGTH - 1));
        assert_eq!(ReturnTo::parse(&longest).as_str(), longest);
        assert_eq!(ReturnTo::parse(&format!("{longest}a")).as_str(), "/");
        // It grows when a browser spells it.
        assert_eq!(ReturnTo::parse(&format!("/{}", "é".repeat(200))).as_str(), "/");
    }

    proptest! {
        #[test]
        fn a_browser_stays_on_our_origin_whatever_comes(text in r"[/\\.%@:a2fF5cC09eE?#\t\n x]{0,24}") {
            let path = ReturnTo::parse(&text).0;
            for base in ["https://app.example/callback?code=1", "http://localhost:3000/callback"] {
                let base = Url::parse(base).unwrap();
                let target = base.join(&path).unwrap();
                prop_assert_eq!(target.origin(), base.origin());
                prop_assert_eq!(&target[Position::BeforePath..], path.as_str());
            }
        }

        #[test]
        fn a_path_that_was_judged_is_judged_the_same_again(text in r"/[/.%a2fF5c?#]{0,16}") {
            let once = ReturnTo::parse(&text);
            prop_assert_eq!(ReturnTo::parse(once.as_str()), once);
        }
    }
}
