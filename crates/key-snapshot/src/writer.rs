//! The function that writes, as the others see it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use outbound::LambdaFunction;

use crate::{Timer, timer::within};

/// How long the call may take: it only puts an event into a queue.
const INVOKE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long this instance does not wake it again: metadata and keys are missing together, and it
/// would not ask the provider earlier anyway.
const COOLDOWN: Duration = Duration::from_secs(30);

pub(crate) struct Writer {
    function: LambdaFunction,
    woken: Mutex<Option<SystemTime>>,
}

impl Writer {
    pub(crate) fn new(function: LambdaFunction) -> Self {
        Self { function, woken: Mutex::default() }
    }

    /// Wakes it. False when waiting for a copy is of no use: Lambda refused, or this instance has
    /// just woken it.
    pub(crate) async fn wake(&self, now: SystemTime, timer: &dyn Timer) -> bool {
        if !self.may_wake(now) {
            return false;
        }
        let mut refused = true;
        let timeout = timer.timeout(INVOKE_TIMEOUT);
        let error = match within(timeout, self.function.invoke_asynchronously()).await {
            Some(Ok(())) => return true,
            Some(Err(error)) => error.to_string(),
            None => {
                // Lambda may have got the call, and other instances that start now make it, too.
                refused = false;
                format!("no answer within {INVOKE_TIMEOUT:?}")
            }
        };
        tracing::warn!(code = "keys_writer_not_woken", %error, "the copies of keys may stay old");
        !refused
    }

    fn may_wake(&self, now: SystemTime) -> bool {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let since = woken.and_then(|woken| now.duration_since(woken).ok());
        let may = since.is_none_or(|since| since >= COOLDOWN);
        if may {
            *woken = Some(now);
        }
        may
    }
}
