use std::time::Duration;

/// How long calls may take. The default values are for production; tests replace those that a busy
/// machine could reach.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Making a connection, including name lookup and TLS: 1 s.
    pub connect: Duration,
    /// One attempt of an AWS call: 1.5 s.
    pub aws_attempt: Duration,
    /// All attempts of an AWS call: 5 s. Shorter than any caller waits, so that it gets the 503.
    pub aws_operation: Duration,
    /// Loading the provider's metadata or keys, including one retry: 2 s.
    pub document: Duration,
    /// A request to the token endpoint or the pushed authorization request endpoint: 5 s. The
    /// refresh lease of a session must be longer, or two callers could use one refresh token.
    pub token_endpoint: Duration,
    /// A userinfo request: 2 s. Sign-in continues without userinfo after that.
    pub userinfo: Duration,
    /// Revoking a token, including the metadata: 2 s. Sign-in or sign-out waits for it.
    pub revocation: Duration,
    /// The metadata that names the provider's sign-out page, while the user signs out: 2 s.
    pub sign_out: Duration,
    /// The metadata that names the provider's sign-out page, while a page loads: 300 ms.
    pub sign_out_origin: Duration,
    /// Each part that is loaded at startup: 2 s. What is not loaded by then is loaded by the first
    /// request that needs it, so a longer timeout gains nothing.
    pub warm_up: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            aws_attempt: Duration::from_millis(1500),
            aws_operation: Duration::from_secs(5),
            document: Duration::from_secs(2),
            token_endpoint: Duration::from_secs(5),
            userinfo: Duration::from_secs(2),
            revocation: Duration::from_secs(2),
            sign_out: Duration::from_secs(2),
            sign_out_origin: Duration::from_millis(300),
            warm_up: Duration::from_secs(2),
        }
    }
}

impl Timeouts {
    /// An hour each, for tests: they must not fail on a busy machine.
    pub const NONE: Self = {
        let hour = Duration::from_hours(1);
        Self {
            connect: hour,
            aws_attempt: hour,
            aws_operation: hour,
            document: hour,
            token_endpoint: hour,
            userinfo: hour,
            revocation: hour,
            sign_out: hour,
            sign_out_origin: hour,
            warm_up: hour,
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests wait for these two, and Lambda bills them.
    #[test]
    fn connecting_takes_at_most_one_second_and_a_document_two() {
        let Timeouts { connect, document, .. } = Timeouts::default();
        assert_eq!((connect, document), (Duration::from_secs(1), Duration::from_secs(2)));
    }
}
