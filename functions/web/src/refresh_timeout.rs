use std::time::Duration;

/// How long a request waits while another one refreshes the same session.
#[derive(Debug, Clone, Copy)]
pub struct RefreshTimeout {
    /// The time between two reads of the session. 250 ms by default.
    pub poll_interval: Duration,
    /// Reads while the old access token is valid. 4 by default.
    pub polls_while_valid: u32,
    /// Reads when it has expired. 24 by default, which together is longer than the timeout of the
    /// token endpoint, so that the request learns the outcome.
    pub polls_when_expired: u32,
}

impl Default for RefreshTimeout {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_millis(250),
            polls_while_valid: 4,
            polls_when_expired: 24,
        }
    }
}
