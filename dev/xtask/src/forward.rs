//! Lets containers reach what listens on this machine's loopback interface.

use anyhow::{Context, Result};
use std::{
    io,
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    thread,
};

/// Forwards connections to `port` of `address` to the same port of the loopback interface, for as
/// long as this program runs. Whoever can reach that address can reach what is there.
///
/// # Errors
/// When that address has no such port free.
pub(crate) fn to_loopback(address: Ipv4Addr, port: u16) -> Result<()> {
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
