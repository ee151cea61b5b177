use std::{io, net::SocketAddr};

use axum::Router;
use tokio::{net::TcpListener, task::JoinSet};

use crate::shutdown::Shutdown;

/// One port on this machine, under each of its loopback addresses.
#[derive(Debug)]
pub(crate) struct Loopback {
    port: u16,
    listeners: Vec<TcpListener>,
}

impl Loopback {
    /// Takes the port, or a free one for 0.
    pub(crate) async fn bind(port: u16) -> io::Result<Self> {
        let (port, listeners) = loopback::bind(port).await?;
        Ok(Self { port, listeners })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Serves `router` until `shutdown`, then finishes the requests under way.
    pub(crate) fn serve(self, router: &Router, shutdown: &Shutdown, tasks: &mut JoinSet<()>) {
        for listener in self.listeners {
            let router = router.clone();
            let shutdown = shutdown.clone();
            tasks.spawn(async move {
                let service = router.into_make_service_with_connect_info::<SocketAddr>();
                let serving = axum::serve(listener, service);
                if let Err(error) = serving.with_graceful_shutdown(shutdown.requested()).await {
                    tracing::error!(%error, "a listener failed");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use outbound::Outbound;
    use settings::Environment;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_request_under_way_is_finished_after_the_wish_to_stop() {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let handler = {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            move || async move {
                begun.notify_one();
                go_on.notified().await;
                "done"
            }
        };
        let loopback = Loopback::bind(0).await.unwrap();
        let url = format!("http://127.0.0.1:{}/", loopback.port());
        let (stop, shutdown) = Shutdown::by_hand();
        let mut servers = JoinSet::new();
        loopback.serve(&Router::new().route("/", get(handler)), &shutdown, &mut servers);

        let outbound = Outbound::from_environment(&Environment::default()).unwrap();
        let request = tokio::spawn(outbound.http().get(url).send());
        begun.notified().await;
        stop.send(true).unwrap();
        go_on.notify_one();
        assert_eq!(request.await.unwrap().unwrap().text().await.unwrap(), "done");
        while servers.join_next().await.is_some() {}
    }

    #[tokio::test]
    async fn free_ports_differ() {
        let first = Loopback::bind(0).await.unwrap();
        let second = Loopback::bind(0).await.unwrap();
        assert_ne!(first.port(), second.port());
    }

    #[tokio::test]
    async fn a_taken_port_is_refused() {
        let first = Loopback::bind(0).await.unwrap();
        let error = Loopback::bind(first.port()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
