//! Ports that nobody listens on.

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, TcpListener};

/// So many different free ports of the loopback interface.
///
/// They are held together while they are chosen, so that they differ, and
/// released on return: another program may take one before it is used, which is
/// unlikely (the kernel hands out others first) and ends in a clear error.
///
/// # Errors
/// When no port can be had.
pub(crate) fn free<const N: usize>() -> Result<[u16; N]> {
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
