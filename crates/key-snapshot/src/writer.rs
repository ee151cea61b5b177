//! The function that writes, as the others see it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use auth::Clock;
use outbound::LambdaFunction;

/// How long the call may take: it only puts an event into a queue.
const LIMIT: Duration = Duration::from_secs(1);

/// How long it is then left alone: metadata and keys are missing together, and it would ask the
/// provider no sooner anyway.
const COOLDOWN: Duration = Duration::from_secs(30);

pub(crate) struct Writer {
    function: LambdaFunction,
    clock: Arc<dyn Clock>,
    woken: Mutex<Option<SystemTime>>,
}

impl Writer {
    pub(crate) fn new(function: LambdaFunction, clock: Arc<dyn Clock>) -> Self {
        Self { function, clock, woken: Mutex::default() }
    }

    /// Wakes it. False when it is of no use to wait for what it writes: Lambda refused, or this
    /// call was made a moment ago.
    pub(crate) async fn wake(&self) -> bool {
        if !self.may_wake() {
            return false;
        }
        let mut refused = true;
        let fault = match tokio::time::timeout(LIMIT, self.function.invoke_asynchronously()).await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                // It may have been heard all the same, and whoever else starts now wakes it, too.
                refused = false;
                format!("no answer within {LIMIT:?}")
            }
        };
        tracing::warn!(code = "keys_writer_not_woken", %fault, "the copies of keys may stay old");
        !refused
    }

    fn may_wake(&self) -> bool {
        let now = self.clock.now();
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let since = woken.and_then(|woken| now.duration_since(woken).ok());
        let may = since.is_none_or(|since| since >= COOLDOWN);
        if may {
            *woken = Some(now);
        }
        may
    }
}
