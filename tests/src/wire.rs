//! Requests written byte by byte: what no client would let out.

use crate::target::Target;
use anyhow::{Context, Result};
use std::{
    io::ErrorKind::{BrokenPipe, ConnectionReset},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends `head` (without its last empty line) and gives the status of the
/// answer, or nothing where the server just closes or waits for more.
pub(crate) async fn send(target: &Target, head: &[u8]) -> Result<Option<u16>> {
    let host = target.url.host_str().context("the target has a host")?;
    let port = target.url.port_or_known_default().context("the target has a port")?;
    let mut stream = TcpStream::connect((host, port)).await.context("cannot connect")?;
    let mut answer = Vec::new();
    // All at once: a server that answers and closes before it read everything resets the
    // connection, and its answer is lost.
    let request = [head, b"\r\nConnection: close\r\n\r\n"].concat();
    let exchange = async {
        stream.write_all(&request).await?;
        stream.read_to_end(&mut answer).await
    };
    match tokio::time::timeout(Duration::from_secs(5), exchange).await {
        // A server that has had enough may close before it read everything.
        Ok(Err(error)) if matches!(error.kind(), BrokenPipe | ConnectionReset) => {}
        Ok(exchanged) => drop(exchanged?),
        // It may also wait for the rest of what is no request at all.
        Err(_) => {}
    }
    let line = String::from_utf8_lossy(&answer);
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    Ok(status)
}
