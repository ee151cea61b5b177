//! Which URL takes the place of which path.

use std::{str::FromStr, sync::Arc};

use percent_encoding::{AsciiSet, utf8_percent_encode};
use serve::PublicOrigin;
use url::Url;

/// `;` too, after which some services read parameters.
const NOT_IN_A_PATH: &AsciiSet = &serve::NOT_IN_A_PATH.add(b';');

/// The upstreams, the longest prefix first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upstreams(Arc<[Upstream]>);

/// An HTTP API.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// `/api/orders-http`
    prefix: String,
    /// `https://orders.internal.example/v1/orders`
    base: Url,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("`{0}` has no URL after it")]
    Odd(String),
    #[error(
        "`{0}` must be a path such as /api/orders, of letters, digits and . _ ~ -, without / at its end"
    )]
    Prefix(String),
    #[error("`{0}` is there twice")]
    Twice(String),
    #[error(
        "the URL of `{0}` must be https (http on a loopback host only), without user, query, fragment and empty segments"
    )]
    Base(String),
}

impl FromStr for Upstreams {
    type Err = UpstreamError;

    fn from_str(text: &str) -> Result<Self, UpstreamError> {
        let mut words = text.split_ascii_whitespace();
        let mut upstreams: Vec<Upstream> = Vec::new();
        while let Some(prefix) = words.next() {
            let prefix = prefix.to_owned();
            if !is_prefix(&prefix) {
                return Err(UpstreamError::Prefix(prefix));
            }
            let Some(base) = words.next() else { return Err(UpstreamError::Odd(prefix)) };
            let Some(base) = base_url(base) else { return Err(UpstreamError::Base(prefix)) };
            if upstreams.iter().any(|other| other.prefix == prefix) {
                return Err(UpstreamError::Twice(prefix));
            }
            upstreams.push(Upstream { prefix, base });
        }
        upstreams.sort_by_key(|upstream| std::cmp::Reverse(upstream.prefix.len()));
        Ok(Self(upstreams.into()))
    }
}

fn is_prefix(text: &str) -> bool {
    let is_segment = |segment: &str| {
        let is_character = |it: u8| it.is_ascii_alphanumeric() || b"._~-".contains(&it);
        !matches!(segment, "" | "." | "..") && segment.bytes().all(is_character)
    };
    text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment))
}

fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    // The rule for plain http is that of our own origin.
    let origin = url.origin().ascii_serialization().parse::<PublicOrigin>();
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && !url.path().contains("//");
    (origin.is_ok() && is_bare).then_some(url)
}

impl Upstreams {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The upstream for this decoded path, and the URL to request.
    pub(crate) fn target(&self, path: &str, query: Option<&str>) -> Option<(&Upstream, Url)> {
        let rest = |upstream: &Upstream| rest(path, &upstream.prefix).map(str::to_owned);
        let (upstream, rest) = self.0.iter().find_map(|it| Some((it, rest(it)?)))?;
        let base = upstream.base.path().trim_end_matches('/');
        let path = format!("{base}{}", utf8_percent_encode(&rest, NOT_IN_A_PATH));
        let mut url = upstream.base.clone();
        if !path.is_empty() {
            url.set_path(&path);
            // `url` resolves dots and removes line breaks. What was judged is what is sent.
            if url.path() != path {
                return None;
            }
        }
        url.set_query(query.filter(|query| !query.is_empty()));
        Some((upstream, url))
    }
}

/// What is left of a path below a prefix, by whole segments: nothing, or a path.
fn rest<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

impl Upstream {
    /// `/api/orders-http`
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The path on our origin of an address that the upstream named in its response to `requested`;
    /// `None` if it is not below the upstream's URL.
    pub(crate) fn on_our_origin(&self, requested: &Url, address: &str) -> Option<String> {
        let url = requested.join(address).ok()?;
        let is_bare = url.username().is_empty() && url.password().is_none();
        if url.origin() != self.base.origin() || !is_bare {
            return None;
        }
        let rest = rest(url.path(), self.base.path().trim_end_matches('/'))?;
        let path = &url[url::Position::AfterPath..];
        Some(format!("{}{rest}{path}", self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(upstreams: &str, path: &str, query: Option<&str>) -> Option<String> {
        let upstreams: Upstreams = upstreams.parse().unwrap();
        upstreams.target(path, query).map(|(_, url)| url.to_string())
    }

    #[test]
    fn the_longest_prefix_of_whole_segments_decides() {
        let check = |path: &str, expected: Option<&str>| {
            let upstreams = "/api/a https://a.example/v1 /api/a/b https://b.example
                /api/c http://127.0.0.1:8080/";
            assert_eq!(target(upstreams, path, None).as_deref(), expected, "{path}");
        };
        check("/api/a", Some("https://a.example/v1"));
        check("/api/a/x/y", Some("https://a.example/v1/x/y"));
        check("/api/a/bc", Some("https://a.example/v1/bc"));
        check("/api/a/b", Some("https://b.example/"));
        check("/api/a/b/x", Some("https://b.example/x"));
        check("/api/c/x", Some("http://127.0.0.1:8080/x"));
        check("/api/ab", None);
        check("/api/A", None);
        check("/api", None);
        check("/", None);
    }

    #[test]
    fn the_path_that_was_judged_is_sent_in_its_canonical_form() {
        let check = |path: &str, expected: Option<&str>| {
            let found = target("/api/a https://a.example/v1", path, None);
            let expected = expected.map(|path| format!("https://a.example{path}"));
            assert_eq!(found, expected, "{path}");
        };
        check("/api/a/b c", Some("/v1/b%20c"));
        check("/api/a/ä", Some("/v1/%C3%A4"));
        check("/api/a/@:!$&'()*+,=~", Some("/v1/@:!$&'()*+,=~"));
        // The gate denies these before; no other path is ever made of them.
        check("/api/a/%2e%2e/b", Some("/v1/%252e%252e/b"));
        check("/api/a/b;c\\d", Some("/v1/b%3Bc%5Cd"));
        check("/api/a/b?c#d", Some("/v1/b%3Fc%23d"));
        check("/api/a/\r\nb\0", Some("/v1/%0D%0Ab%00"));
        check("/api/a/../b", None);
        check("/api/a/./b", None);
        check("/api/a/..", None);
    }

    #[test]
    fn no_path_and_no_query_leads_to_another_host() {
        for path in ["/api/a//evil.example", "/api/a/@evil.example", "/api/a/http://evil.example"] {
            let url = target("/api/a https://a.example", path, Some("//evil.example?#@x")).unwrap();
            assert_eq!(Url::parse(&url).unwrap().host_str(), Some("a.example"), "{path}");
        }
        assert_eq!(target("/api/a https://a.example", "/api/a@evil.example", None), None);
    }

    #[test]
    fn the_query_is_sent_as_it_came() {
        let check = |query: &str, expected: &str| {
            let found = target("/api/a https://a.example/v1", "/api/a", Some(query)).unwrap();
            assert_eq!(found, format!("https://a.example/v1{expected}"), "{query}");
        };
        check("", "");
        check("a=%2f..%2F&b=+&c;d=//", "?a=%2f..%2F&b=+&c;d=//");
        check("a=1&a=2?", "?a=1&a=2?");
    }

    #[test]
    fn an_upstream_is_https_or_on_this_machine_and_nothing_more() {
        use UpstreamError::{Base, Odd, Prefix, Twice};
        for text in ["", "/api/a https://a.example:8443/b/", "/api/a http://localhost:1/b"] {
            assert!(text.parse::<Upstreams>().is_ok(), "{text}");
        }
        let check = |text: &str, expected: fn(String) -> UpstreamError| {
            let error = text.parse::<Upstreams>().unwrap_err();
            let prefix = text.split_ascii_whitespace().next().unwrap();
            assert_eq!(error, expected(prefix.to_owned()), "{text}");
        };
        check("/api/a", Odd);
        check("/api/a https://a.example /api/a https://b.example", Twice);
        for prefix in ["api/a", "/", "/api/", "/api//a", "/api/..", "/api/%61", "/a;b", "/a?b"] {
            check(&format!("{prefix} https://a.example"), Prefix);
        }
        for base in [
            "http://a.example",
            "http://169.254.169.254",
            "ftp://a.example",
            "file:///etc/passwd",
            "https://user@a.example",
            "https://:password@a.example",
            "https://a.example?x",
            "https://a.example#x",
            "https://a.example/b//c",
            "a.example",
            "/b",
        ] {
            check(&format!("/api/a {base}"), Base);
        }
    }

    #[test]
    fn an_address_below_the_upstream_is_a_path_of_our_origin() {
        let upstreams: Upstreams = "/api/a https://a.example/v1".parse().unwrap();
        let (upstream, requested) = upstreams.target("/api/a/orders", None).unwrap();
        let check = |address: &str, expected: Option<&str>| {
            let found = upstream.on_our_origin(&requested, address);
            assert_eq!(found.as_deref(), expected, "{address}");
        };
        check("https://a.example/v1/orders/7?x#y", Some("/api/a/orders/7?x#y"));
        check("/v1/orders/7", Some("/api/a/orders/7"));
        check("orders/7", Some("/api/a/orders/7"));
        check("?page=2", Some("/api/a/orders?page=2"));
        check("//a.example/v1", Some("/api/a"));
        check("/v1//evil.example", Some("/api/a//evil.example"));
        for elsewhere in [
            "https://b.example/v1/orders",
            "http://a.example/v1/orders",
            "https://a.example:8443/v1/orders",
            "https://user@a.example/v1/orders",
            "//evil.example/v1",
            "/v2",
            "/v1x",
            "../../v2",
            "/v1/../v2",
            "/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
        ] {
            check(elsewhere, None);
        }
    }
}
