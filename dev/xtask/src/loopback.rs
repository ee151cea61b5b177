//! Ports of this machine's loopback interface: free ones, and forwarding to them.

use anyhow::{Context, Result};
use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream},
    thread,
};

/// The longest head of a request that is looked at; the rest is passed on as it is.
const HEAD: usize = 64 * 1024;

/// `N` different free ports.
///
/// They are bound at the same time, so that they differ, and released on return. Another program
/// may take one before it is used, which is unlikely (the kernel hands out others first) and ends
/// in a clear error.
///
/// # Errors
/// When no port can be had.
pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut held = Vec::with_capacity(N);
    for _ in 0..N {
        held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr().context("no free port")?.port();
    }
    Ok(ports)
}

/// Forwards connections to `port` of `address` to the same port of the loopback interface, until
/// this program ends: so containers reach it, and everything else that can reach that address.
///
/// # Errors
/// When that address has no such port free.
pub(crate) fn forward(address: Ipv4Addr, port: u16) -> Result<()> {
    listen(address.into(), port, move |client| join(client, port, &[]))
}

/// Forwards HTTP requests to `localhost:from` to the port `to` with `host` as their `Host`, by which
/// an emulator of API Gateway tells APIs apart. Everything else stays as it was sent. Requests for
/// another host than this machine are refused, as by `dev/loopback`.
///
/// # Errors
/// When the port is not free.
pub(crate) fn forward_with_host(from: u16, to: u16, host: &str) -> Result<()> {
    let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    for address in addresses {
        let host = host.to_owned();
        let done = listen(address, from, move |mut client| {
            let head = read_head(&mut client)?;
            if names_other_host(&head) {
                return client.write_all(b"HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
            join(client, to, &with_host(&head, &host))
        });
        // A machine without IPv6 has only the first.
        if address.is_ipv4() {
            done?;
        }
    }
    Ok(())
}

fn listen(
    address: IpAddr,
    port: u16,
    serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static,
) -> Result<()> {
    let listener = TcpListener::bind((address, port))
        .with_context(|| format!("cannot listen on port {port} of {address}"))?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let serve = serve.clone();
            // One that breaks off is noticed by both of its ends.
            thread::spawn(move || drop(serve(client)));
        }
    });
    Ok(())
}

/// What a client sends, up to the end of the first request's head if it has one.
fn read_head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0; 4096];
    while head.len() < HEAD && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match client.read(&mut part)? {
            0 => break,
            read => head.extend_from_slice(&part[..read]),
        }
    }
    Ok(head)
}

/// Whether a request's head names another host than this machine.
fn names_other_host(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let headers = head.split("\r\n\r\n").next().unwrap_or_default().lines().skip(1);
    let hosts = headers.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim().to_ascii_lowercase())
    });
    hosts.into_iter().any(|host| {
        let name = host.rsplit_once(':').map_or(&*host, |(name, port)| {
            if port.bytes().all(|it| it.is_ascii_digit()) { name } else { &host }
        });
        let address = name.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = address.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
        !(is_loopback || name == "localhost" || name.ends_with(".localhost"))
    })
}

/// The request with another `Host`, and the only one of its connection: the next one's head would
/// not be looked at.
fn with_host(request: &[u8], host: &str) -> Vec<u8> {
    let Some(end) = request.windows(4).position(|end| end == b"\r\n\r\n") else {
        return request.to_vec();
    };
    let mut lines = Vec::with_capacity(request.len() + host.len());
    for line in request[..end].split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(b"host") {
            lines.extend_from_slice(format!("Host: {host}\r\n").as_bytes());
        } else if !name.eq_ignore_ascii_case(b"connection") {
            lines.extend_from_slice(line);
        }
    }
    if lines.ends_with(b"\r\n") {
        lines.truncate(lines.len() - 2);
    }
    lines.extend_from_slice(b"\r\nConnection: close");
    lines.extend_from_slice(&request[end..]);
    lines
}

/// Connects a client with a port of the loopback interface, which gets `first` first.
fn join(client: TcpStream, port: u16, first: &[u8]) -> io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    server.write_all(first)?;
    let (to_server, from_server) = (server.try_clone()?, server);
    let (to_client, from_client) = (client.try_clone()?, client);
    thread::spawn(move || drop(copy(from_client, to_server)));
    copy(from_server, to_client)
}

fn copy(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    io::copy(&mut from, &mut to)?;
    to.shutdown(Shutdown::Write)
}

#[cfg(test)]
mod tests {
    use super::{forward_with_host, free_ports, with_host};
    use std::{
        io::{Read as _, Write as _},
        net::{Ipv4Addr, TcpListener, TcpStream},
        thread,
    };

    #[test]
    fn requests_for_another_host_are_not_forwarded() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let to = server.local_addr().unwrap().port();
        thread::spawn(move || {
            for mut client in server.incoming().flatten() {
                let mut part = [0; 4096];
                let _ = client.read(&mut part);
                let _ = client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        let [from] = free_ports().unwrap();
        forward_with_host(from, to, "api.localhost").unwrap();
        let status = |host: &str| {
            let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, from)).unwrap();
            write!(client, "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
            let mut answer = [0; 12];
            client.read_exact(&mut answer).unwrap();
            String::from_utf8_lossy(&answer[9..]).into_owned()
        };
        for host in ["localhost:1", "LOCALHOST", "127.0.0.1", "[::1]:1", "[::1]", "a.localhost:1"] {
            assert_eq!(status(host), "200", "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:1", "10.0.0.1", "127.0.0.1.nip.io", ""]
        {
            assert_eq!(status(host), "421", "{host}");
        }
    }

    #[test]
    fn a_request_gets_another_host_and_is_otherwise_as_it_was() {
        let sent =
            b"GET /a HTTP/1.1\r\nhost: localhost:1\r\nX: y\r\nConnection: keep-alive\r\n\r\nbody";
        let passed_on = with_host(sent, "api.example");
        assert_eq!(
            String::from_utf8_lossy(&passed_on),
            "GET /a HTTP/1.1\r\nHost: api.example\r\nX: y\r\nConnection: close\r\n\r\nbody"
        );
        assert_eq!(
            with_host(b"NONSENSE\r\n\r\n", "api.example"),
            b"NONSENSE\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(with_host(b"no head", "api.example"), b"no head");
    }
}
