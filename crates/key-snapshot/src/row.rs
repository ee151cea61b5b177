//! How a snapshot lies in the table.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Document, Snapshot};

pub(crate) type Row = HashMap<String, AttributeValue>;

pub(crate) const ISSUER: &str = "issuer";
pub(crate) const FETCHED_AT: &str = "fetched_at";
/// DynamoDB's TTL: the rows of issuers of before go by themselves.
pub(crate) const EXPIRES_AT: &str = "expires_at";
pub(crate) const LEASE: &str = "lease";
pub(crate) const LEASE_ENDS: &str = "lease_ends";

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Whole seconds since 1970. Rounded down, so that nothing seems younger than it is.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// `None` when the row is only a lease, or not one of ours.
pub(crate) fn read(row: &Row) -> Option<Snapshot> {
    let fetched_at = UNIX_EPOCH.checked_add(Duration::from_secs(number_of(row, FETCHED_AT)?))?;
    Some(Snapshot {
        fetched_at,
        metadata: document(row, "metadata")?,
        keys: document(row, "keys")?,
    })
}

fn document(row: &Row, name: &str) -> Option<Document> {
    Some(Document {
        url: text_of(row, &format!("{name}_url"))?,
        body: text_of(row, name)?,
        max_age: number_of(row, &format!("{name}_max_age")).map(Duration::from_secs),
    })
}

/// The attributes of a snapshot, by name.
pub(crate) fn attributes(snapshot: &Snapshot) -> Vec<(String, AttributeValue)> {
    let mut attributes = vec![
        (FETCHED_AT.to_owned(), number(seconds(snapshot.fetched_at))),
        (EXPIRES_AT.to_owned(), number(seconds(snapshot.expires_at()))),
    ];
    for (name, document) in [("metadata", &snapshot.metadata), ("keys", &snapshot.keys)] {
        attributes.push((name.to_owned(), text(&document.body)));
        attributes.push((format!("{name}_url"), text(&document.url)));
        let max_age = document.max_age.map(|age| number(age.as_secs()));
        attributes.push((format!("{name}_max_age"), max_age.unwrap_or(AttributeValue::Null(true))));
    }
    attributes
}

fn text_of(row: &Row, name: &str) -> Option<String> {
    row.get(name)?.as_s().ok().cloned()
}

pub(crate) fn number_of(row: &Row, name: &str) -> Option<u64> {
    row.get(name)?.as_n().ok()?.parse().ok()
}
