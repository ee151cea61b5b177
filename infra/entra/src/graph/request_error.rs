//! Why a request did not succeed, and whether and when to send it again.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode, header::RETRY_AFTER};
use serde::Deserialize;

use crate::{error::Error, permission::Permission};

/// What a 400 says when it is about an application or principal that has not arrived yet; none of
/// them has a code of its own at the top of the answer.
const NOT_YET: [&str; 3] = [
    "does not reference a valid application object",
    "backing application of the service principal being created must in the local tenant",
    "does not exist or one of its queried reference-property objects are not present",
];

/// Two minutes in all: replication takes seconds, throttling of a directory at most a minute or two.
const DELAYS: [u64; 8] = [1, 2, 4, 8, 15, 30, 30, 30];

/// A server that cannot be reached at all usually means that this machine is offline.
const CONNECTION_RETRIES: usize = 3;

/// Longer than a person waits at a terminal.
const MAX_DELAY: Duration = Duration::from_mins(5);

/// How long ago the object was made that a request is about, or refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// Long ago: that it is not there is an answer.
    Settled,
    /// Perhaps a moment ago. Graph answers from replicas, and one that has not heard of the object
    /// says 404 (or, where it is referred to, 400).
    Fresh,
}

/// A request that did not succeed.
#[derive(Debug)]
pub(super) enum RequestError {
    Answer { status: StatusCode, retry_after: Option<Duration>, code: String, message: String },
    Connection(reqwest::Error),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    error: Detail,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    code: String,
    message: String,
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error.without_url())
    }
}

impl RequestError {
    /// The body of a success, or the failure.
    pub(super) async fn check(response: Response) -> Result<Vec<u8>, Self> {
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
        let retry_after = retry_after.and_then(|it| it.parse().ok()).map(Duration::from_secs);
        let body = response.bytes().await?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        // A gateway's error page is not JSON: then only the status is known.
        let Document { error } = serde_json::from_slice(&body).unwrap_or_default();
        Err(Self::Answer { status, retry_after, code: error.code, message: error.message })
    }

    /// Whether the request may be sent again.
    ///
    /// # What breaks if a creation is repeated after any failure
    /// A 500 or a broken connection may come after the work: then there are two registrations, or
    /// a lost secret. 429 and 503 are refusals before it.
    pub(super) fn may_be_retried(&self, method: &Method, age: Age) -> bool {
        match self {
            Self::Answer { status, message, .. } => match status.as_u16() {
                429 | 503 => true,
                500 | 502 | 504 => *method != Method::POST,
                404 => age == Age::Fresh,
                400 | 403 => age == Age::Fresh && NOT_YET.iter().any(|it| message.contains(it)),
                _ => false,
            },
            Self::Connection(error) => error.is_connect() || *method != Method::POST,
        }
    }

    /// How long the server asks to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answer { retry_after, .. } => *retry_after,
            Self::Connection(_) => None,
        }
    }

    /// Whether there was no answer at all.
    pub(super) fn is_connection_error(&self) -> bool {
        matches!(self, Self::Connection(_))
    }

    /// The error to show.
    pub(super) fn into_error(
        self,
        what: &str,
        method: &Method,
        needs: &'static Permission,
    ) -> Error {
        let what = what.to_owned();
        match self {
            Self::Answer { status: StatusCode::UNAUTHORIZED, code, .. } => Error::Token { code },
            Self::Answer { status: StatusCode::FORBIDDEN, code, .. } => {
                Error::Refused { what, code, needs }
            }
            Self::Answer { status, code, message, .. } => {
                let (no_answer, status) =
                    (matches!(status.as_u16(), 500 | 502 | 504), status.as_u16());
                if no_answer && *method == Method::POST {
                    let reason = format!("{status} {code}");
                    return Error::Unclear { what, reason };
                }
                Error::Graph { what, status, code, message }
            }
            Self::Connection(error) => {
                let reason = outbound::causes(&error);
                if error.is_connect() || *method != Method::POST {
                    Error::Unreachable { what, reason }
                } else {
                    Error::Unclear { what, reason }
                }
            }
        }
    }
}

/// How long to wait before each retry.
#[derive(Debug, Default)]
pub(super) struct RetryDelays {
    taken: usize,
}

impl RetryDelays {
    /// The next delay: what the server asks for, or else ours; `None` when the retries are used up.
    pub(super) fn next(&mut self, error: &RequestError) -> Option<Duration> {
        let most = if error.is_connection_error() { CONNECTION_RETRIES } else { DELAYS.len() };
        self.wait(most, error.retry_after())
    }

    fn wait(&mut self, most: usize, asked: Option<Duration>) -> Option<Duration> {
        let ours = Duration::from_secs(*DELAYS[..most].get(self.taken)?);
        self.taken += 1;
        Some(asked.unwrap_or(ours)).filter(|wait| *wait <= MAX_DELAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_has_an_end() {
        let mut delays = RetryDelays::default();
        let taken: Vec<_> = std::iter::from_fn(|| delays.wait(DELAYS.len(), None)).collect();
        assert!(taken.is_sorted());
        assert_eq!(taken.iter().sum::<Duration>(), Duration::from_mins(2));
    }

    #[test]
    fn what_the_server_asks_for_counts_within_reason() {
        let asked = |seconds| RetryDelays::default().wait(1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(0), Some(Duration::ZERO));
        assert_eq!(asked(300), Some(MAX_DELAY));
        assert_eq!(asked(301), None);
    }
}
