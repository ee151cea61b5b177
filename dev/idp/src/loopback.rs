//! Loopback hosts, and the layer that refuses all others.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{StatusCode, Uri, header::HOST},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Whether a host, without port, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Refuses requests to another host name. A page on the internet can point its own name at
/// 127.0.0.1 to read and post here (DNS rebinding), but it cannot change the `Host` header.
pub(crate) async fn only_loopback(request: Request, next: Next) -> Response {
    if named_host(&request).is_some_and(|host| is_loopback(&host)) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "This provider serves loopback addresses only.\n")
        .into_response()
}

fn named_host(request: &Request) -> Option<String> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let authority = match (hosts.next(), hosts.next()) {
        (Some(host), None) => format!("http://{}/", host.to_str().ok()?).parse::<Uri>().ok()?,
        (None, None) => request.uri().clone(),
        _ => return None,
    };
    authority.host().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_names_and_addresses_of_this_machine_are_loopback() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "idp.localhost",
            "127.0.0.1",
            "127.8.8.8",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "example.com",
            "localhost.example.com",
            "notlocalhost",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "127.0.0.1.nip.io",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
