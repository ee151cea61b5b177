//! A proxy between the browser and the target, which counts requests and spoils files.

use crate::target::Target;
use anyhow::{Context, Result};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How long each request waits here, as for a cold start: requests that can overlap do.
const DELAY: Duration = Duration::from_millis(100);

/// What becomes of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// 503, as API Gateway answers.
    Unavailable,
    /// No answer.
    Silence,
    /// Half of the answer.
    Truncated,
}

/// A running proxy on another port of this machine. Cookies ignore ports.
pub(crate) struct Proxy {
    /// The target by the proxy's address.
    pub(crate) target: Target,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// A file's name, and its fault.
    pub(crate) fault: Option<(&'static str, Fault)>,
    /// Requests so far to paths outside `/api`.
    pub(crate) paths: Vec<String>,
    open: u32,
    /// The most of these requests at once.
    pub(crate) most: u32,
}

impl Proxy {
    pub(crate) async fn start(target: &Target) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen")?;
        let upstream = target.url.authority().to_owned();
        let mut target = target.clone();
        let port = listener.local_addr()?.port();
        target.url.set_port(Some(port)).ok().context("a target has a port")?;
        let (state, own) = (Arc::<Mutex<State>>::default(), target.url.authority().to_owned());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (state, own, upstream) = (Arc::clone(&shared), own.clone(), upstream.clone());
                // A browser that has gone needs no answer.
                tokio::spawn(async move { exchange(&state, browser, &own, &upstream).await.ok() });
            }
        });
        Ok(Self { target, state })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request that is not answered yet.
struct Open<'a>(&'a Mutex<State>);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        lock(self.0).open -= 1;
    }
}

impl State {
    /// Counts anew. Requests that are not answered yet stay open.
    pub(crate) fn recount(&mut self) {
        (self.paths, self.most) = (Vec::new(), self.open);
    }
}

/// Passes on one request without a body, and its answer.
async fn exchange(
    state: &Mutex<State>,
    mut browser: TcpStream,
    own: &str,
    upstream: &str,
) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if browser.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8(head)?.replace(own, upstream).replace("keep-alive", "close");
    let path = head.split(' ').nth(1).unwrap_or_default();
    let open = (!path.starts_with("/api/")).then(|| {
        let mut counted = lock(state);
        counted.paths.push(path.to_owned());
        counted.open += 1;
        counted.most = counted.most.max(counted.open);
        Open(state)
    });
    tokio::time::sleep(DELAY).await;
    let fault = lock(state).fault.filter(|(file, _)| path.ends_with(file));
    let mut answer = Vec::new();
    match fault {
        Some((_, Fault::Silence)) => {
            // Until the browser gives up.
            browser.read_buf(&mut answer).await?;
            return Ok(());
        }
        Some((_, Fault::Unavailable)) => answer.extend(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ),
        Some((_, Fault::Truncated)) | None => {
            let mut server = TcpStream::connect(upstream).await?;
            server.write_all(head.as_bytes()).await?;
            server.read_to_end(&mut answer).await?;
        }
    }
    drop(open);
    let end = if fault.is_some_and(|(_, it)| matches!(it, Fault::Truncated)) { 2 } else { 1 };
    Ok(browser.write_all(&answer[..answer.len() / end]).await?)
}
