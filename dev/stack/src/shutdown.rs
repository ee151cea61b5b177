use std::{io, process};

use tokio::sync::watch;

/// The wish to stop, which everybody can wait for.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Becomes true with Ctrl-C or SIGTERM. A second one ends the process at once.
    pub(crate) fn on_signal() -> io::Result<Self> {
        let mut signals = Signals::new()?;
        let (request, requested) = watch::channel(false);
        tokio::spawn(async move {
            signals.next().await;
            // Nobody waits any more only when all is over.
            let _ = request.send(true);
            signals.next().await;
            process::exit(130);
        });
        Ok(Self(requested))
    }

    /// Becomes true when the sender says so, or is gone.
    pub(crate) fn by_hand() -> (watch::Sender<bool>, Self) {
        let (request, requested) = watch::channel(false);
        (request, Self(requested))
    }

    /// Waits for the wish.
    pub(crate) async fn requested(mut self) {
        // An error means that the sender is gone, and with it the runtime.
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
