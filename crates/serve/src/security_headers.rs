use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::PublicOrigin;

/// What an answer carries unless its handler decided otherwise. The strictest value is the
/// default; the page loosens what it needs.
const DEFAULTS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// One year. Without `includeSubDomains`: what else lives under the domain is not ours to decide.
const HSTS: &str = "max-age=31536000";

pub(crate) fn set(headers: &mut HeaderMap, origin: Option<&PublicOrigin>) {
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if origin.is_some_and(PublicOrigin::is_https) {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static(HSTS));
    }
}
