use std::{collections::HashMap, time::SystemTime};

use api::{IdempotencyKey, RequestError};
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    TableError, WriteOutcome,
    row::{self, Row, RowKey, attribute},
};
use crate::todo::{NewTodo, Todo};

/// How long a request's result is kept, in seconds. DynamoDB deletes rows some time after they
/// expire, so the code judges the time itself.
const KEPT: u64 = 24 * 60 * 60;

const REQUEST: &str = "request";
const RESULT: &str = "result";
const EXPIRES_AT: &str = "expires_at";

/// The condition under which a record may be written: there is none, or it has expired.
pub(super) const FREE: &str = "attribute_not_exists(#key) OR #expires_at <= :now";

/// The record of a request with an `Idempotency-Key`.
#[derive(Debug)]
pub(crate) struct IdempotencyRecord {
    key: RowKey,
    /// The fingerprint of the request.
    request: String,
    /// Seconds since 1970.
    now: u64,
}

impl IdempotencyRecord {
    /// `caller` identifies one caller.
    pub(crate) fn new(caller: &str, key: &IdempotencyKey, new: &NewTodo, now: SystemTime) -> Self {
        let name = key.name(caller);
        Self {
            // In a partition of its own, which no owner's key can be: an issuer is a URL.
            key: RowKey { owner_key: format!("idempotency#{name}"), id: RESULT.to_owned() },
            request: key.fingerprint(new),
            now: now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs(),
        }
    }

    pub(super) fn key(&self) -> &RowKey {
        &self.key
    }

    pub(super) fn row(&self, result: &Todo) -> Row {
        let expires_at = self.now + KEPT;
        let mut record = self.key.clone().into_row();
        record.extend([
            (REQUEST.to_owned(), AttributeValue::S(self.request.clone())),
            (RESULT.to_owned(), AttributeValue::M(row::from_fields(result))),
            (EXPIRES_AT.to_owned(), AttributeValue::N(expires_at.to_string())),
        ]);
        record
    }

    /// The names in [`FREE`].
    pub(super) fn names() -> HashMap<String, String> {
        [("#key", attribute::OWNER_KEY), ("#expires_at", EXPIRES_AT)]
            .map(|(name, attribute)| (name.to_owned(), attribute.to_owned()))
            .into()
    }

    /// The values in [`FREE`].
    pub(super) fn values(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([(":now".to_owned(), AttributeValue::N(self.now.to_string()))])
    }

    /// The result of an earlier request with the key, from the record that was found under it.
    /// `None` if there is none, or it has expired.
    pub(super) fn earlier(
        &self,
        record: Option<Row>,
    ) -> Result<Option<WriteOutcome<Todo>>, TableError> {
        let Some(mut record) = record else { return Ok(None) };
        let expires_at = record.get(EXPIRES_AT).and_then(|value| value.as_n().ok()?.parse().ok());
        let expires_at: u64 = expires_at.ok_or(TableError::Row { attribute: EXPIRES_AT })?;
        if expires_at <= self.now {
            return Ok(None);
        }
        if *row::text(&record, REQUEST)? != self.request {
            return Ok(Some(Err(RequestError::IdempotencyKeyReused)));
        }
        match record.remove(RESULT) {
            Some(AttributeValue::M(result)) => Ok(Some(Ok(row::into_todo(result)?))),
            _ => Err(TableError::Row { attribute: RESULT }),
        }
    }
}
