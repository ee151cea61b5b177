//! Which addresses may be asked.

use url::{Host, Url};

/// Whether a provider may be asked at this address: https, or http on a loopback
/// host. Over plain HTTP anybody on the way could put in a key of their own and
/// from then on sign tokens that we accept.
///
/// Keys and metadata are never fetched from another address. Use it for the
/// endpoints that you take from [`Metadata`](crate::Metadata), too.
pub fn is_safe_endpoint(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => url.host().is_some_and(|host| is_loopback(&host)),
        _ => false,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
