//! Ports of this machine's loopback interface: free ones, and forwarding to them.

use anyhow::{Context, Result};
use std::{
    io,
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    thread,
};

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
    let listener = TcpListener::bind((address, port))
        .with_context(|| format!("cannot listen on port {port} of {address}"))?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // One that breaks off is noticed by both of its ends.
            thread::spawn(move || drop(join(client, port)));
        }
    });
    Ok(())
}

fn join(client: TcpStream, port: u16) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let (to_server, from_server) = (server.try_clone()?, server);
    let (to_client, from_client) = (client.try_clone()?, client);
    thread::spawn(move || drop(copy(from_client, to_server)));
    copy(from_server, to_client)
}

fn copy(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    io::copy(&mut from, &mut to)?;
    to.shutdown(Shutdown::Write)
}
