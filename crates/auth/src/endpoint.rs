//! Which addresses may be asked.

use url::{Host, Url};

/// Whether keys may be fetched from this address: https, or http on a loopback
/// host. Over plain HTTP anybody on the way could put in a key of their own and
/// from then on sign tokens that we accept.
pub(crate) fn is_safe(url: &Url) -> bool {
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
