//! The user's browser: where it is sent, and what it brings back.

use std::{io, time::Duration};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{StatusCode, Uri};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};
use url::Url;

/// A request of the browser, and where its response goes.
type Visit = (Uri, oneshot::Sender<Response>);

/// The browser, as a server on a loopback address sees it. It ends when it is dropped.
pub struct Browser {
    origin: Url,
    timeout: Duration,
    announce: fn(&Url),
    visits: mpsc::Receiver<Visit>,
    /// The request that is to be answered next.
    waiting: Option<oneshot::Sender<Response>>,
    stop: Vec<oneshot::Sender<()>>,
    servers: JoinSet<io::Result<()>>,
}

/// The browser did not come back in time.
pub(crate) struct TimeoutError;

impl Browser {
    /// Listens on a port of this machine; 0 is a free one. `announce` shows the user the address to
    /// open; `timeout` is how long each visit to the provider may take.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn listen(port: u16, timeout: Duration, announce: fn(&Url)) -> io::Result<Self> {
        let (port, listeners) = loopback::bind(port).await?;
        let (sender, visits) = mpsc::channel(16);
        let router = Router::new().fallback(get(visit)).with_state(sender);
        let (mut stop, mut servers) = (Vec::new(), JoinSet::new());
        for listener in listeners {
            let (sender, stopped) = oneshot::channel::<()>();
            let router = loopback::guarded(router.clone(), None);
            let serving = axum::serve(listener, router).with_graceful_shutdown(async {
                let _dropped = stopped.await;
            });
            servers.spawn(serving.into_future());
            stop.push(sender);
        }
        let origin = format!("http://localhost:{port}").parse().expect("an origin is a URL");
        Ok(Self { origin, timeout, announce, visits, waiting: None, stop, servers })
    }

    /// The address that starts the sign-in.
    pub fn origin(&self) -> &Url {
        &self.origin
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.origin.join(path).expect("a path is a relative URL")
    }

    /// Sends the browser away and waits until it comes back to `path`. Gives the query.
    pub(crate) async fn go(&mut self, target: &Url, path: &str) -> Result<String, TimeoutError> {
        let redirect = || Redirect::to(target.as_str()).into_response();
        match self.waiting.take() {
            Some(waiting) => drop(waiting.send(redirect())),
            None => (self.announce)(&self.origin),
        }
        let deadline = Instant::now() + self.timeout;
        loop {
            let visit = timeout_at(deadline, self.visits.recv()).await;
            let (uri, answer) = visit.ok().flatten().ok_or(TimeoutError)?;
            let response = match uri.path() {
                here if here == path => {
                    self.waiting = Some(answer);
                    return Ok(uri.query().unwrap_or_default().to_owned());
                }
                "/" => redirect(),
                _ => StatusCode::NOT_FOUND.into_response(),
            };
            drop(answer.send(response));
        }
    }

    /// Shows the browser a last page.
    pub(crate) async fn finish(self) {
        let Self { visits, waiting, stop, mut servers, .. } = self;
        let page = "This check is done. Its report is in the terminal.";
        if let Some(waiting) = waiting {
            drop(waiting.send(page.into_response()));
        }
        drop((visits, stop));
        let ended = async { while servers.join_next().await.is_some() {} };
        // A browser that keeps its connection open does not keep the report back.
        let _late = timeout(Duration::from_secs(1), ended).await;
    }
}

async fn visit(State(visits): State<mpsc::Sender<Visit>>, uri: Uri) -> Response {
    let (answer, answered) = oneshot::channel();
    let _closed = visits.send((uri, answer)).await;
    answered.await.unwrap_or_else(|_| StatusCode::GONE.into_response())
}
