//! Reads `Cookie` and writes `Set-Cookie` (RFC 6265bis). Every function reads its cookies here.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderValue, header::COOKIE};

/// The attributes of all our cookies. `__Host-` names require `Secure`, `Path=/` and no `Domain`,
/// so that no other host or path can set or overwrite them. With `Lax`, browsers send them when
/// the provider redirects back to us, but not with cross-site posts.
const ATTRIBUTES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";

/// More than one cookie has that name, and any of them could be ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateCookieError;

/// All cookies of a request, in order. Skips what is not `name=value` in UTF-8: another
/// application on this host may have set it.
pub(crate) fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| str::from_utf8(pair).ok()?.split_once('='))
        .map(|(name, value)| (name.trim_matches(SPACE), value.trim_matches(SPACE)))
}

/// The white space that browsers trim from a name and a value (RFC 6265bis, section 5.6).
///
/// # What breaks if this changes
/// A name that begins with any other white space does not begin with `__Host-`, so a browser lets a
/// sibling host set it for the whole domain. If we trimmed that space as well, another host could
/// set a session or transaction that only we should be able to set.
const SPACE: [char; 2] = [' ', '\t'];

/// The value of the cookie of that name.
///
/// # Errors
/// When there are several.
pub fn one<'h>(
    headers: &'h HeaderMap,
    name: &str,
) -> Result<Option<&'h str>, DuplicateCookieError> {
    let mut values = all(headers).filter(|(other, _)| *other == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(DuplicateCookieError),
    }
}

/// The `Set-Cookie` value that sets a cookie. Without `max_age`, it ends with the browser session.
///
/// # Panics
/// When name or value needs quoting; base64url, dots and digits don't.
pub fn set(
    name: impl fmt::Display,
    value: impl fmt::Display,
    max_age: Option<Duration>,
) -> HeaderValue {
    let age = max_age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
    let line = format!("{name}={value}{ATTRIBUTES}{age}");
    let mut line = HeaderValue::try_from(line).expect("our cookies are visible ASCII");
    line.set_sensitive(true);
    line
}

/// The `Set-Cookie` value that deletes a cookie.
pub fn clear(name: impl fmt::Display) -> HeaderValue {
    set(name, "", Some(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    #[test]
    fn cookies_are_read_from_every_line_with_and_without_spaces() {
        let headers = headers(&[b"a=1; b=2;c=3", b"d=4=5"]);
        let all: Vec<_> = all(&headers).collect();
        assert_eq!(all, [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4=5")]);
    }

    #[test]
    fn a_foreign_cookie_that_is_not_text_does_not_hide_others() {
        let headers = headers(&[b"x=\xff\xfe; flag; a=1"]);
        assert_eq!(one(&headers, "a"), Ok(Some("1")));
    }

    /// Browsers guard names that begin with `__Host-`. With another kind of white space in front a
    /// name begins otherwise, so a sibling host may set it for the whole domain.
    #[test]
    fn a_name_after_white_space_that_browsers_keep_is_another_name() {
        for space in ["\u{85}", "\u{a0}", "\u{2000}", "\u{2028}", "\u{3000}", "\u{feff}"] {
            for line in [format!("{space}a=1"), format!("a{space}=1"), format!("b=2; {space}a=1")] {
                assert_eq!(one(&headers(&[line.as_bytes()]), "a"), Ok(None), "{line:?}");
            }
            let tossed = format!("a=1; {space}a=2");
            assert_eq!(one(&headers(&[tossed.as_bytes()]), "a"), Ok(Some("1")), "{tossed:?}");
        }
        assert_eq!(one(&headers(&[b"b=2; \ta \t= 1 "]), "a"), Ok(Some("1")));
    }

    #[test]
    fn a_cookie_that_comes_twice_is_refused() {
        assert_eq!(one(&headers(&[b"a=1; a=2"]), "a"), Err(DuplicateCookieError));
        assert_eq!(one(&headers(&[b"a=1", b"a=1"]), "a"), Err(DuplicateCookieError));
        assert_eq!(one(&headers(&[b"b=1"]), "a"), Ok(None));
    }

    #[test]
    fn every_cookie_is_bound_to_this_host_and_hidden_from_scripts_and_logs() {
        let line = set("__Host-x", "v", Some(Duration::from_mins(15)));
        assert_eq!(line, "__Host-x=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900");
        assert_eq!(
            clear("__Host-x"),
            "__Host-x=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert_eq!(format!("{line:?}"), "Sensitive");
    }
}
