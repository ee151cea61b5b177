//! `cargo xtask token`: an access token of the development provider that `cargo run` has started.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    io::{Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs as _},
    process::ExitCode,
    time::Duration,
};

/// The largest response that is read, in bytes.
const MAX_RESPONSE_BYTES: u64 = 64 * 1024;
/// How long each part of a response may take.
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Whose: `daemon`, `reader`, or a user such as `ada`, by name, address or object id
    name: String,
    /// For another API than the first: `orders`
    #[arg(long)]
    api: Option<String>,
    /// The address that `cargo run` prints
    #[arg(long, default_value = "http://localhost:3000")]
    url: String,
}

/// Prints a token, and nothing else on standard output.
///
/// # Errors
/// Those of [`issue`].
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { name, api, url } = arguments;
    let name = api.iter().fold(name.clone(), |name, api| format!("{name}?api={api}"));
    println!("{}", issue(url, &name)?);
    Ok(ExitCode::SUCCESS)
}

/// A token for the API at `url`, whose metadata names the provider (RFC 9728).
///
/// # Errors
/// When nothing answers at `url`, it has another provider, or the provider doesn't know `name`.
pub(crate) fn issue(url: &str, name: &str) -> Result<String> {
    let url = url.trim_end_matches('/');
    let (_, metadata) = request("GET", &format!("{url}/.well-known/oauth-protected-resource"))
        .with_context(|| format!("nothing answers at {url}: is `cargo run` there? See --url"))?;
    let metadata: Value = serde_json::from_str(&metadata).unwrap_or_default();
    let issuer = metadata["authorization_servers"][0].as_str();
    let issuer = issuer.with_context(|| format!("{url} isn't the address of `cargo run`"))?;
    let origin: Vec<_> = issuer.splitn(4, '/').take(3).collect();
    let tokens = format!("{}/dev/tokens", origin.join("/"));
    let (status, token) = request("POST", &format!("{tokens}/{name}"))
        .with_context(|| format!("{issuer:?} isn't the development provider"))?;
    ensure!(status == 200, "{issuer:?} has no token for {name} (HTTP status {status})");
    // It goes to a terminal, or into a header.
    ensure!(token.bytes().all(|it| it.is_ascii_graphic()), "{issuer:?} sent no token");
    Ok(token)
}

/// Sends a request without a body, over http and to this machine only, where the development
/// provider is. Another server can't have requests sent elsewhere.
fn request(method: &str, url: &str) -> Result<(u16, String)> {
    let rest = url.strip_prefix("http://").context("the URL must begin with http://")?;
    let (authority, path) = rest.split_once('/').context("the URL has no path")?;
    ensure!(path.bytes().all(|byte| byte.is_ascii_graphic()), "{path:?} can't be in a URL");
    let addresses = authority.to_socket_addrs()?.filter(|it| it.ip().is_loopback());
    let addresses: Vec<_> = addresses.collect();
    ensure!(!addresses.is_empty(), "{authority} isn't this machine");
    let mut stream = TcpStream::connect(&*addresses)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    // Version 1.0, so that the end of the body is the end of the connection.
    let head =
        format!("{method} /{path} HTTP/1.0\r\nHost: {authority}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut response = String::new();
    stream.take(MAX_RESPONSE_BYTES).read_to_string(&mut response)?;
    let (head, body) = response.split_once("\r\n\r\n").context("not an HTTP response")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.context("not an HTTP response")?, body.to_owned()))
}
