//! Which hosts are this machine, and the guard that refuses all others.
//!
//! A development server listens on a loopback address, but every page in the developer's browser
//! can send requests there. A page on the internet can point its own name at 127.0.0.1 and so
//! become "same origin" (DNS rebinding), but it cannot change the `Host` header.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, Uri, header::HOST},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use tokio::net::TcpListener;

/// How often a free port is looked for that both loopback addresses have free.
const ATTEMPTS: usize = 16;

/// One port on this machine, under 127.0.0.1 and, where there is one, `[::1]`: `localhost` means
/// either, and which is tried first differs. Takes a free port for 0.
///
/// # Errors
/// When the port is taken.
pub async fn bind(port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    let mut result = bind_both(port).await;
    for _ in 1..ATTEMPTS {
        match result {
            Err(error) if port == 0 && error.kind() == io::ErrorKind::AddrInUse => {
                result = bind_both(0).await;
            }
            done => return done,
        }
    }
    result
}

async fn bind_both(port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let port = first.local_addr()?.port();
    let mut listeners = vec![first];
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(second) => listeners.push(second),
        // Somebody else would answer for `localhost` there.
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
        // This machine has no IPv6.
        Err(_) => {}
    }
    Ok((port, listeners))
}

/// Whether a host, without port, is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Refuses, with 421, every request that doesn't name a loopback host or `public_host` (that of a
/// tunnel to this machine), with any port.
pub fn guarded<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    public_host: Option<&str>,
) -> Router<S> {
    let public_host: Option<Arc<str>> = public_host.map(Arc::from);
    router.layer(middleware::from_fn_with_state(public_host, only_known_hosts))
}

async fn only_known_hosts(
    State(public_host): State<Option<Arc<str>>>,
    request: Request,
    next: Next,
) -> Response {
    let known = |host: &str| {
        is_loopback(host) || public_host.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(host))
    };
    if named_host(&request).is_some_and(|host| known(&host)) {
        return next.run(request).await;
    }
    let message =
        "This development server serves loopback hosts and the host of PUBLIC_URL only.\n";
    (StatusCode::MISDIRECTED_REQUEST, message).into_response()
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
    use axum::body::Body;
    use tower::ServiceExt as _;

    use super::*;

    const LOOPBACK: [&str; 7] = [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "idp.localhost",
        "127.0.0.1",
        "127.8.8.8",
        "[::1]",
    ];
    const OTHERS: [&str; 8] = [
        "example.com",
        "localhost.example.com",
        "notlocalhost",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "127.0.0.1.nip.io",
        "",
    ];

    #[test]
    fn only_names_and_addresses_of_this_machine_are_loopback() {
        for host in LOOPBACK {
            assert!(is_loopback(host), "{host}");
        }
        for host in OTHERS {
            assert!(!is_loopback(host), "{host}");
        }
    }

    async fn status(public_host: Option<&str>, hosts: &[&str]) -> StatusCode {
        let router = guarded(Router::new().fallback(async || "served"), public_host);
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        for host in hosts {
            request.headers_mut().append(HOST, host.parse().unwrap());
        }
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_request_for_another_host_is_refused() {
        for host in LOOPBACK {
            assert_eq!(status(None, &[&format!("{host}:3000")]).await, StatusCode::OK, "{host}");
        }
        for host in OTHERS {
            assert_eq!(status(None, &[host]).await, StatusCode::MISDIRECTED_REQUEST, "{host}");
        }
        assert_eq!(status(None, &[]).await, StatusCode::MISDIRECTED_REQUEST);
        let two = ["localhost", "example.com"];
        assert_eq!(status(None, &two).await, StatusCode::MISDIRECTED_REQUEST);
    }

    #[tokio::test]
    async fn the_public_host_is_served_too() {
        let public = Some("todo.example.com");
        for host in ["todo.example.com", "TODO.example.com:443", "localhost:3000"] {
            assert_eq!(status(public, &[host]).await, StatusCode::OK, "{host}");
        }
        for host in ["example.com", "x.todo.example.com", "todo.example.com.evil.example"] {
            assert_eq!(status(public, &[host]).await, StatusCode::MISDIRECTED_REQUEST, "{host}");
        }
    }
}
