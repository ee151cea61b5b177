//! A session as its row: what stands in clear, and what is sealed.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, SystemTime},
};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use super::{number, seconds, text};
use crate::{
    contents::{ApiToken, SessionContents},
    limits::Limits,
    random::Random,
    sealing::{self, AssociatedData},
    secret::{SessionId, SessionSecret},
};

/// The last second that RFC 3339 can write. A later time is nobody's, and sums with it overflow.
const YEAR_9999: u64 = 253_402_300_799;

/// Later than every sign-in.
pub(super) fn end_of_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(YEAR_9999)
}

/// The attribute of an API's token has its name after this.
const API_TOKEN: &str = "token:";

pub(super) fn api_token_attribute(api: &str) -> String {
    format!("{API_TOKEN}{api}")
}

pub(super) type Item = HashMap<String, AttributeValue>;

/// A session that was read.
#[derive(Debug, Clone)]
pub struct Session {
    row: Row,
    ends_at: SystemTime,
    contents: SessionContents,
}

impl Session {
    /// The key of its row.
    pub fn id(&self) -> &SessionId {
        &self.row.id
    }

    /// How often it was renewed.
    pub fn version(&self) -> u64 {
        self.row.version
    }

    /// When the user signed in.
    pub fn created_at(&self) -> SystemTime {
        self.row.created_at
    }

    /// When it was last marked as in use; the mark is minutes behind.
    pub fn last_seen_at(&self) -> SystemTime {
        self.row.last_seen_at
    }

    /// When it is over unless it is used before.
    pub fn ends_at(&self) -> SystemTime {
        self.ends_at
    }

    /// What was sealed in it.
    pub fn contents(&self) -> &SessionContents {
        &self.contents
    }

    /// What was sealed in it.
    pub fn into_contents(self) -> SessionContents {
        self.contents
    }

    /// The APIs of `OTHER_APIS`, as it is or was, for which it has a token.
    pub fn apis(&self) -> impl Iterator<Item = &str> {
        self.row.api_tokens.keys().map(String::as_str)
    }

    /// Its token for that API of `OTHER_APIS`, which may have expired. `secret` is that by which
    /// the session was read; nothing else of the session is opened.
    pub fn api_token(&self, secret: &SessionSecret, api: &str) -> Option<ApiToken> {
        let sealed = self.row.api_tokens.get(api)?;
        sealing::open_api_token(sealed.as_ref(), api, secret, self.row.label()).ok()
    }

    pub(super) fn seal_api_token(
        &self,
        token: &ApiToken,
        api: &str,
        secret: &SessionSecret,
        random: &dyn Random,
    ) -> AttributeValue {
        blob(sealing::seal_api_token(token, api, secret, self.row.label(), random))
    }

    pub(super) fn seal_again(
        &self,
        contents: &SessionContents,
        secret: &SessionSecret,
        random: &dyn Random,
    ) -> AttributeValue {
        blob(sealing::seal(contents, secret, self.row.label(), random))
    }
}

/// The attributes of a row. Nothing in clear is secret or personal.
#[derive(Debug, Clone)]
pub(super) struct Row {
    id: SessionId,
    version: u64,
    created_at: SystemTime,
    last_seen_at: SystemTime,
    /// The absolute end, and the table's TTL attribute.
    expires_at: SystemTime,
    sealed: Blob,
    /// Sealed, by the name of the API.
    api_tokens: BTreeMap<String, Blob>,
}

impl Row {
    pub(super) fn new(
        secret: &SessionSecret,
        contents: &SessionContents,
        now: SystemTime,
        limits: &Limits,
        random: &dyn Random,
    ) -> Self {
        let mut row = Self {
            id: secret.id(),
            version: 1,
            created_at: now,
            last_seen_at: now,
            expires_at: now + limits.max,
            sealed: Blob::new([]),
            api_tokens: BTreeMap::new(),
        };
        row.sealed = Blob::new(sealing::seal(contents, secret, row.label(), random));
        row
    }

    pub(super) fn item(self) -> Item {
        let attributes = [
            ("id", text(self.id.as_str())),
            ("version", number(self.version)),
            ("created_at", seconds(self.created_at)),
            ("last_seen_at", seconds(self.last_seen_at)),
            ("expires_at", seconds(self.expires_at)),
            ("sealed", AttributeValue::B(self.sealed)),
        ];
        attributes.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Reads and opens a row. One that does not open is as good as none: whatever was done to
    /// it, nobody is signed in by it.
    pub(super) fn open(item: Item, secret: &SessionSecret, limits: &Limits) -> Option<Session> {
        let id = secret.id();
        let session = Self::parse(item, id.clone()).and_then(|mut row| {
            let sealed = std::mem::replace(&mut row.sealed, Blob::new([]));
            let contents = sealing::open(sealed.as_ref(), secret, row.label()).ok()?;
            let ends_at = limits.end(row.created_at, row.expires_at, row.last_seen_at);
            Some(Session { row, ends_at, contents })
        });
        if session.is_none() {
            tracing::warn!(code = "session_unopened", session = %id, "a session's row does not open");
        }
        session
    }

    fn parse(mut item: Item, id: SessionId) -> Option<Self> {
        Some(Self {
            version: number_of(&item, "version")?,
            created_at: time_of(&item, "created_at")?,
            last_seen_at: time_of(&item, "last_seen_at")?,
            expires_at: time_of(&item, "expires_at")?,
            sealed: match item.remove("sealed")? {
                AttributeValue::B(sealed) => sealed,
                _ => return None,
            },
            api_tokens: item.into_iter().filter_map(api_token_of).collect(),
            id,
        })
    }

    fn label(&self) -> AssociatedData<'_> {
        let Self { id, created_at, expires_at, .. } = self;
        AssociatedData { id, created_at: *created_at, expires_at: *expires_at }
    }
}

fn api_token_of((name, value): (String, AttributeValue)) -> Option<(String, Blob)> {
    let api = name.strip_prefix(API_TOKEN)?.to_owned();
    if let AttributeValue::B(sealed) = value { Some((api, sealed)) } else { None }
}

pub(super) fn number_of(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

pub(super) fn time_of(item: &Item, name: &str) -> Option<SystemTime> {
    let seconds = number_of(item, name).filter(|seconds| *seconds <= YEAR_9999)?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

pub(super) fn blob(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}
