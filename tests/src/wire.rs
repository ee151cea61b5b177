//! Requests written byte by byte: what no client would let out.

use crate::target::Target;
use anyhow::{Context, Result};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends `head` (without its last empty line) and gives the status of the
/// answer, or nothing where the server just closes.
pub(crate) async fn send(target: &Target, head: &[u8]) -> Result<Option<u16>> {
    let host = target.url.host_str().context("the target has a host")?;
    let port = target.url.port_or_known_default().context("the target has a port")?;
    let mut stream = TcpStream::connect((host, port)).await.context("cannot connect")?;
    stream.write_all(head).await?;
    stream.write_all(b"\r\nConnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer));
    match read.await.context("no answer in 10 s")? {
        Ok(_) => {}
        // A server that has had enough may close before it read everything.
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => return Err(error.into()),
    }
    let line = String::from_utf8_lossy(&answer);
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    Ok(status)
}
