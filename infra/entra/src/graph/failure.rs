use std::time::Duration;

use reqwest::{Method, Response, StatusCode, header::RETRY_AFTER};
use serde::Deserialize;

use super::{Age, Permission};
use crate::error::Error;

/// What a 400 says when it is about an application or principal that has not arrived yet; none of
/// them has a code of its own at the top of the answer.
const NOT_YET: [&str; 3] = [
    "does not reference a valid application object",
    "backing application of the service principal being created must in the local tenant",
    "does not exist or one of its queried reference-property objects are not present",
];

/// A request that did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
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

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error.without_url())
    }
}

impl Failure {
    /// The body of a success, or the failure.
    pub(super) async fn judge(response: Response) -> Result<Vec<u8>, Self> {
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
        let retry_after = retry_after.and_then(|it| it.parse().ok()).map(Duration::from_secs);
        let body = response.bytes().await?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        // A gateway's error page is no JSON: then the status has to do.
        let Document { error } = serde_json::from_slice(&body).unwrap_or_default();
        Err(Self::Answer { status, retry_after, code: error.code, message: error.message })
    }

    /// Whether the request may be sent once more.
    ///
    /// # What breaks if a creation is repeated after any failure
    /// A 500 or a broken connection may come after the work: then there are two registrations, or
    /// a secret that nobody has. 429 and 503 are refusals before it.
    pub(super) fn may_be_repeated(&self, method: &Method, age: Age) -> bool {
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
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Connection(_))
    }

    /// The error for whoever ran the program.
    pub(super) fn error(self, what: &str, method: &Method, needs: &'static Permission) -> Error {
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
                    let fault = format!("{status} {code}");
                    return Error::Unclear { what, fault, hint: "" };
                }
                Error::Graph { what, status, code, message }
            }
            Self::Connection(error) => {
                let fault = causes(&error);
                if error.is_connect() || *method != Method::POST {
                    Error::Unreachable { what, fault }
                } else {
                    Error::Unclear { what, fault, hint: "" }
                }
            }
        }
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
