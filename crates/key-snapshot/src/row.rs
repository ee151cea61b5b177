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
        metadata_url: text_of(row, "metadata_url")?,
        metadata_max_age: max_age(row, "metadata_max_age"),
        keys: Document {
            url: text_of(row, "keys_url")?,
            body: text_of(row, "keys")?,
            max_age: max_age(row, "keys_max_age"),
        },
    })
}

fn max_age(row: &Row, name: &str) -> Option<Duration> {
    number_of(row, name).map(Duration::from_secs)
}

/// The attributes of a snapshot, by name.
pub(crate) fn attributes(snapshot: &Snapshot) -> [(&'static str, AttributeValue); 7] {
    let Snapshot { fetched_at, metadata_url, metadata_max_age, keys } = snapshot;
    let max_age = |age: &Option<Duration>| {
        age.map_or(AttributeValue::Null(true), |age| number(age.as_secs()))
    };
    [
        (FETCHED_AT, number(seconds(*fetched_at))),
        (EXPIRES_AT, number(seconds(snapshot.expires_at()))),
        ("metadata_url", text(metadata_url)),
        ("metadata_max_age", max_age(metadata_max_age)),
        ("keys_url", text(&keys.url)),
        ("keys", text(&keys.body)),
        ("keys_max_age", max_age(&keys.max_age)),
    ]
}

fn text_of(row: &Row, name: &str) -> Option<String> {
    row.get(name)?.as_s().ok().cloned()
}

pub(crate) fn number_of(row: &Row, name: &str) -> Option<u64> {
    row.get(name)?.as_n().ok()?.parse().ok()
}
