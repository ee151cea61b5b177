//! Writing: one at a time.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::ReturnValuesOnConditionCheckFailure,
};
use outbound::{DynamoDbError, unless_condition_failed};

use crate::{
    Snapshot, Snapshots, TableError,
    row::{self, FETCHED_AT, ISSUER, LEASE, LEASE_ENDS, Row, number, seconds, text},
};

/// How long a writer may take. One that ended in the middle blocks the others for no longer.
const LEASE_FOR: Duration = Duration::from_secs(15);

/// How long the provider is left alone after it was asked. Anybody can make up key ids, and each
/// may wake the writer; a rotation is in the table at the end of it at the latest.
const COOLDOWN: Duration = Duration::from_secs(30);

/// Whether the caller may ask the provider.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// It may, and nobody else does.
    Granted(Lease),
    /// Somebody else is at it.
    Taken,
    /// It was just asked.
    Recent,
}

/// The right to write.
#[derive(Debug, PartialEq, Eq)]
pub struct Lease(String);

impl Snapshots {
    /// Claims the right to ask the provider and write what it says. `name` tells this claim from
    /// every other one.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn claim(&self, name: String, now: SystemTime) -> Result<Claim, TableError> {
        let lease_ends = now + LEASE_FOR;
        let claimed = self
            .update()
            .update_expression(format!("SET {LEASE} = :lease, {LEASE_ENDS} = :lease_ends"))
            // Times further ahead than any that a good clock would have written count for
            // nothing: they would keep everybody out until then.
            .condition_expression(format!(
                "(attribute_not_exists({LEASE_ENDS}) \
                 OR NOT {LEASE_ENDS} BETWEEN :now AND :lease_ends) \
                 AND (attribute_not_exists({FETCHED_AT}) \
                 OR NOT {FETCHED_AT} BETWEEN :recent AND :lease_ends)"
            ))
            .expression_attribute_values(":lease", text(&name))
            .expression_attribute_values(":lease_ends", number(seconds(lease_ends)))
            .expression_attribute_values(":now", number(seconds(now) + 1))
            .expression_attribute_values(":recent", number(seconds(now - COOLDOWN) + 1))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match claimed.map_err(DynamoDbError::from) {
            Ok(_) => Ok(Claim::Granted(Lease(name))),
            Err(DynamoDbError::ConditionFailed { item, .. }) => {
                let is_leased = item.is_some_and(|item| item.contains_key(LEASE_ENDS));
                Ok(if is_leased { Claim::Taken } else { Claim::Recent })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the snapshot, and gives the right back. False when it was too slow: then somebody
    /// else has the right, and nothing is written.
    ///
    /// # Errors
    /// When the table cannot be used, or the documents are too large for it (400 KB together).
    pub async fn store(&self, lease: &Lease, snapshot: &Snapshot) -> Result<bool, TableError> {
        let attributes = row::attributes(snapshot);
        let set: Vec<_> =
            (0..attributes.len()).map(|number| format!("#{number} = :{number}")).collect();
        let mut update = self
            .update()
            .update_expression(format!("SET {} REMOVE {LEASE}, {LEASE_ENDS}", set.join(", ")))
            .condition_expression(format!("{LEASE} = :lease"))
            .expression_attribute_values(":lease", text(&lease.0));
        for (number, (name, value)) in attributes.into_iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#{number}"), name)
                .expression_attribute_values(format!(":{number}"), value);
        }
        Ok(unless_condition_failed(update.send().await)?.is_some())
    }

    fn update(&self) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).key(ISSUER, self.key())
    }
}

/// Whether a writer holds the lease in that row, as [`Snapshots::claim`] judges it.
pub(crate) fn is_leased(row: &Row, now: SystemTime) -> bool {
    let now = seconds(now);
    let ends = row::number_of(row, LEASE_ENDS);
    ends.is_some_and(|ends| ends > now && ends <= now + LEASE_FOR.as_secs())
}
