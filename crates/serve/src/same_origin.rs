//! Whether a request that brings a cookie comes from our own page.
//!
//! `SameSite=Lax` already keeps cookies out of cross-site posts, but counts every subdomain of the
//! site as "same site" and lets top-level GETs through. So a request that changes or reads
//! something with a cookie must also show where it comes from: by a header that only a script of
//! the same origin can set (`X-CSRF: 1`; across origins it takes a preflight, which nobody here
//! answers) or by what the browser itself says (`Sec-Fetch-Site`, `Origin`).

use http::{HeaderMap, StatusCode, header};

use crate::{Problem, PublicOrigin};

/// What the headers say about where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The browser says that the request comes from another origin.
    CrossSite,
    /// Nobody says anything.
    None,
    /// The browser says, or the `X-CSRF: 1` header shows, that it is our own page.
    SameOrigin,
}

/// Judges the headers. Any sign of another origin outweighs every sign of ours, in whichever line
/// of a header it is.
pub fn evidence(headers: &HeaderMap, origin: &PublicOrigin) -> Evidence {
    let sites = headers.get_all("sec-fetch-site");
    let origins = headers.get_all(header::ORIGIN);
    // `none` is a person's own act (address bar, bookmark): no page of anybody's is behind it.
    let foreign_site = sites.iter().any(|site| site != "same-origin" && site != "none");
    let foreign_origin = origins.iter().any(|from| from != origin.as_str());
    if foreign_site || foreign_origin {
        Evidence::CrossSite
    } else if sites.iter().any(|site| site == "same-origin")
        || headers.contains_key(header::ORIGIN)
        || has_csrf_header(headers)
    {
        Evidence::SameOrigin
    } else {
        Evidence::None
    }
}

/// Lets only requests pass that show that they come from our own page.
///
/// # Errors
/// A 403 problem for every other request.
pub fn require(headers: &HeaderMap, origin: &PublicOrigin) -> Result<(), Problem> {
    match evidence(headers, origin) {
        Evidence::SameOrigin => Ok(()),
        Evidence::CrossSite => Err(refuse("the request comes from another origin")),
        Evidence::None => Err(refuse("the request needs the header `X-CSRF: 1`")),
    }
}

/// Lets only requests pass that carry `X-CSRF: 1` and show no sign of another origin.
///
/// # Errors
/// A 403 problem for every other request.
pub fn require_csrf_header(headers: &HeaderMap, origin: &PublicOrigin) -> Result<(), Problem> {
    require(headers, origin)?;
    if has_csrf_header(headers) {
        return Ok(());
    }
    Err(refuse("a request with a session cookie needs the header `X-CSRF: 1`"))
}

fn has_csrf_header(headers: &HeaderMap) -> bool {
    headers.contains_key("x-csrf") && headers.get_all("x-csrf").iter().all(|value| value == "1")
}

fn refuse(detail: &'static str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN).code("cross_site_request").detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &'static str)], expected: Evidence) {
        let origin = "https://todos.example.com".parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, http::HeaderValue::from_static(value));
        }
        assert_eq!(evidence(&map, &origin), expected, "{headers:?}");
    }

    #[test]
    fn our_own_page_is_told_by_the_browser_or_by_the_header() {
        check(&[("sec-fetch-site", "same-origin")], Evidence::SameOrigin);
        check(&[("origin", "https://todos.example.com")], Evidence::SameOrigin);
        check(&[("x-csrf", "1")], Evidence::SameOrigin);
        check(&[("sec-fetch-site", "none"), ("x-csrf", "1")], Evidence::SameOrigin);
    }

    #[test]
    fn any_sign_of_another_origin_outweighs_the_header() {
        check(&[("sec-fetch-site", "cross-site"), ("x-csrf", "1")], Evidence::CrossSite);
        check(&[("sec-fetch-site", "same-site"), ("x-csrf", "1")], Evidence::CrossSite);
        check(&[("sec-fetch-site", "whatever")], Evidence::CrossSite);
        check(&[("origin", "null"), ("x-csrf", "1")], Evidence::CrossSite);
        check(&[("origin", "https://todos.example.com.evil.example")], Evidence::CrossSite);
        check(
            &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
            Evidence::CrossSite,
        );
    }

    /// `HeaderMap` gives the first of several lines; the sign of another origin may be any of them.
    #[test]
    fn a_header_that_comes_twice_is_judged_by_every_line() {
        let (ours, theirs) = ("https://todos.example.com", "https://evil.example");
        for pair in [[ours, theirs], [theirs, ours]] {
            let origins = pair.map(|origin| ("origin", origin));
            check(&[origins[0], origins[1], ("x-csrf", "1")], Evidence::CrossSite);
        }
        for pair in [["same-origin", "cross-site"], ["cross-site", "same-origin"]] {
            let sites = pair.map(|site| ("sec-fetch-site", site));
            check(&[sites[0], sites[1], ("x-csrf", "1")], Evidence::CrossSite);
        }
        check(&[("x-csrf", "1"), ("x-csrf", "0")], Evidence::None);
        check(&[("x-csrf", "0"), ("x-csrf", "1")], Evidence::None);
    }

    #[test]
    fn silence_is_no_evidence() {
        check(&[], Evidence::None);
        check(&[("x-csrf", "0")], Evidence::None);
        check(&[("sec-fetch-site", "none")], Evidence::None);
    }
}
