use std::{pin::Pin, time::Duration};

/// How a [`KeySource`](crate::KeySource) waits. A test can wait for a condition instead of a time.
pub trait Timer: Send + Sync + 'static {
    /// Ends when a call has taken too long.
    fn timeout(&self, limit: Duration) -> Elapsed;

    /// Ends when the table is to be read again.
    fn pause(&self, duration: Duration) -> Elapsed;
}

/// Ends when the time is over.
pub type Elapsed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waits by tokio's clock.
pub(crate) struct TokioTimer;

impl Timer for TokioTimer {
    fn timeout(&self, limit: Duration) -> Elapsed {
        Box::pin(tokio::time::sleep(limit))
    }

    fn pause(&self, duration: Duration) -> Elapsed {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The output of `call`, or `None` if the timeout ends first.
pub(crate) async fn within<T>(elapsed: Elapsed, call: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        output = call => Some(output),
        () = elapsed => None,
    }
}
