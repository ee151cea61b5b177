//! The address that a proof is for.

use std::iter;

use url::Url;

/// Whether `htu` names this address: without query and fragment, and after
/// syntax-based and scheme-based normalization (RFC 9449, section 4.3; RFC 3986,
/// sections 6.2.2 and 6.2.3).
pub(crate) fn is_same(htu: &str, target: &Url) -> bool {
    let htu = htu.split_once(['?', '#']).map_or(htu, |(htu, _)| htu);
    // What URL parsers take for a slash, or skip without a word, and no URI has.
    if htu.bytes().any(|byte| byte == b'\\' || byte <= b' ') {
        return false;
    }
    // Nor is one an address that parsers make of a host in other letters, or of one
    // slash, or three.
    let rest = htu.split_once(':').map_or("", |(_, rest)| rest);
    if !htu.is_ascii() || !rest.starts_with("//") || rest.starts_with("///") {
        return false;
    }
    let Ok(htu) = Url::parse(htu) else { return false };
    // Each part has its place in the text, so equal texts are equal addresses.
    normalized(htu.as_str()) == normalized(target.as_str())
}

/// Escapes of characters that need none are undone, the others get capitals.
fn normalized(url: &str) -> String {
    let mut rest = url;
    let mut parts = Vec::new();
    while let Some((before, after)) = rest.split_once('%') {
        parts.push(before.to_owned());
        // Digits alone: `from_str_radix` takes a sign, too.
        let digits = after.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let escaped = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                parts.push(char::from(byte).to_string());
            }
            Some(byte) => parts.push(format!("%{byte:02X}")),
            None => parts.push("%".to_owned()),
        }
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    parts.into_iter().chain(iter::once(rest.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(htu: &str, same: bool) {
        let target = Url::parse("https://api.example/a%2Fb/c").unwrap();
        assert_eq!(is_same(htu, &target), same, "{htu}");
    }

    #[test]
    fn htu_is_compared_after_normalization() {
        for same in [
            "https://api.example/a%2Fb/c",
            "HTTPS://API.example:443/a%2fb/%63",
            "https://api.example/a%2Fb/c?query#fragment",
            "https://api.example/x/../a%2Fb/c",
        ] {
            check(same, true);
        }
        for other in [
            "https://api.example/a/b/c",
            "https://api.example/a%2Fb/c/",
            "https://api.example/A%2Fb/c",
            "https://api.example:8443/a%2Fb/c",
            "https://api.example.evil.example/a%2Fb/c",
            "https://me@api.example/a%2Fb/c",
            "http://api.example/a%2Fb/c",
            "https://api.example/a%252Fb/c",
            "https://api.example/a%+2b/c",
            "/a%2Fb/c",
            "",
        ] {
            check(other, false);
        }
    }
}
