use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use auth::Clock;

/// A clock that a test moves forward.
#[derive(Debug, Default)]
pub struct ManualClock {
    /// None: it follows the system's clock.
    stopped_at: Option<SystemTime>,
    ahead: Mutex<Duration>,
}

impl ManualClock {
    /// A clock that runs, starting with the system's time.
    pub fn running() -> Self {
        Self::default()
    }

    /// A clock that shows this time until it is moved.
    pub fn stopped_at(time: SystemTime) -> Self {
        Self { stopped_at: Some(time), ahead: Mutex::default() }
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Seconds since 1970, as the claims of a token have them.
    pub fn seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        self.stopped_at.unwrap_or_else(SystemTime::now) + ahead
    }
}
