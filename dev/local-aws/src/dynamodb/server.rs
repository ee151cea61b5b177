use std::{io, net::SocketAddr, time::Duration};

use axum::Router;
use dynoxide::Database;
use tokio::{net::TcpSocket, sync::oneshot, task::JoinHandle};

use super::{access_key::AccessKey, api};

/// How long a pause waits for requests under way.
const GRACE: Duration = Duration::from_secs(5);

/// The HTTP server over one database, on one port for its whole life.
pub(crate) struct Server {
    database: Database,
    router: Router,
    address: SocketAddr,
    phase: Phase,
}

enum Phase {
    /// Serving until the sender is used or dropped.
    Serving { stop: oneshot::Sender<()>, done: JoinHandle<io::Result<()>> },
    /// Bound but not listening: connections are refused and the port stays ours.
    Paused(TcpSocket),
    /// The port could not be kept or listened on.
    Lost,
}

impl Server {
    pub(crate) async fn start(database: Database, key: AccessKey) -> io::Result<Self> {
        let socket = bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = socket.local_addr()?;
        let router = api::router(database.clone(), key);
        let mut server = Self { database, router, address, phase: Phase::Paused(socket) };
        server.resume().await?;
        Ok(server)
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn pause(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Lost) {
            Phase::Serving { stop, done } => {
                let _ = stop.send(());
                let _ = tokio::time::timeout(GRACE, done).await;
                if let Ok(socket) = bind(self.address) {
                    self.phase = Phase::Paused(socket);
                }
            }
            other => self.phase = other,
        }
    }

    #[expect(clippy::unused_async, reason = "listening needs the runtime that an async caller has")]
    pub(crate) async fn resume(&mut self) -> io::Result<()> {
        let socket = match std::mem::replace(&mut self.phase, Phase::Lost) {
            Phase::Paused(socket) => socket,
            Phase::Lost => bind(self.address)?,
            serving @ Phase::Serving { .. } => {
                self.phase = serving;
                return Ok(());
            }
        };
        let listener = socket.listen(1024)?;
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            // Dropped without a word is a stop, too.
            let _ = stopped.await;
        };
        let serving = axum::serve(listener, self.router.clone()).with_graceful_shutdown(shutdown);
        self.phase = Phase::Serving { stop, done: tokio::spawn(serving.into_future()) };
        Ok(())
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Past the connections of before the pause, which linger in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
