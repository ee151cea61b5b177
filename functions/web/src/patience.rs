use std::time::Duration;

/// How long a caller waits for somebody else's refresh of the same session.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Between two looks at the session. 250 ms by default.
    pub interval: Duration,
    /// Looks while the old access token still serves. 4 by default.
    pub looks: u32,
    /// Looks while there is no good access token: by default 24, which together is longer than
    /// the token endpoint's timeout, so that a waiter learns what became of the refresh.
    pub looks_in_need: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { interval: Duration::from_millis(250), looks: 4, looks_in_need: 24 }
    }
}
