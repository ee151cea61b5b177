use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Put, TransactWriteItem},
};

use super::{
    TableError, TodoTable,
    idempotency::{self, Attempt, Earlier},
    row::{self, Row, attribute},
};
use crate::todo::{OwnerKey, Todo};

/// What became of a request to create a todo once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Creation {
    /// The first result, now or at an earlier request.
    Done(Todo),
    /// The key belongs to a request with another body.
    KeyReused,
}

/// Two equal requests at the same moment stand in each other's way; one of them gets through, and
/// the other finds its record at the next look.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(25);

impl TodoTable {
    /// Keeps a new todo.
    pub(crate) async fn create(&self, owner: &OwnerKey, todo: &Todo) -> Result<(), TableError> {
        // Without a condition: the id was drawn just now, so a row of that key can only be what
        // an attempt of the SDK wrote whose answer was lost.
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(new_row(owner, todo)))
            .send()
            .await?;
        Ok(())
    }

    /// Keeps a new todo unless an earlier request with the same key did, together with the record
    /// of having done so.
    pub(crate) async fn create_once(
        &self,
        owner: &OwnerKey,
        todo: &Todo,
        attempt: &Attempt,
    ) -> Result<Creation, TableError> {
        for tries in 0..TRIES {
            // Writing first: a request that is sent again is the exception.
            if self.write_both(owner, todo, attempt).await? {
                return Ok(Creation::Done(todo.clone()));
            }
            match attempt.earlier(self.row(attempt.key()).await?.as_ref())? {
                Earlier::Same(first) => return Ok(Creation::Done(first)),
                Earlier::Other => return Ok(Creation::KeyReused),
                Earlier::None => tokio::time::sleep(PAUSE * (tries + 1)).await,
            }
        }
        Err(TableError::Unavailable("equal requests keep standing in each other's way".to_owned()))
    }

    /// Whether both rows were written; otherwise neither was, because of the record.
    async fn write_both(
        &self,
        owner: &OwnerKey,
        todo: &Todo,
        attempt: &Attempt,
    ) -> Result<bool, TableError> {
        let record = Put::builder()
            .table_name(&self.name)
            .set_item(Some(attempt.record(todo)))
            .condition_expression(idempotency::FREE)
            .set_expression_attribute_names(Some(Attempt::names()))
            .set_expression_attribute_values(Some(attempt.values()));
        let todo = Put::builder().table_name(&self.name).set_item(Some(new_row(owner, todo)));
        let mut transaction = self.client.transact_write_items();
        for put in [record, todo] {
            let put = put.build().expect("a table and an item are all that a Put needs");
            transaction = transaction.transact_items(TransactWriteItem::builder().put(put).build());
        }
        let Err(error) = transaction.send().await else {
            return Ok(true);
        };
        match Cancellation::of(&error) {
            Some(Cancellation::Taken) => Ok(false),
            Some(Cancellation::Busy(code)) => Err(TableError::Unavailable(code.to_owned())),
            None => Err(error.into()),
        }
    }
}

/// Why a transaction was called off, as far as it is nobody's fault.
#[derive(Debug, PartialEq, Eq)]
enum Cancellation<'e> {
    /// The record was there already, or is being written by another request right now.
    Taken,
    /// The table has too much to do.
    Busy(&'e str),
}

impl<'e> Cancellation<'e> {
    fn of<R>(error: &'e SdkError<TransactWriteItemsError, R>) -> Option<Self> {
        let TransactWriteItemsError::TransactionCanceledException(canceled) =
            error.as_service_error()?
        else {
            return None;
        };
        let codes = canceled.cancellation_reasons().iter().filter_map(|reason| reason.code());
        codes.map(Self::of_code).find(Option::is_some).flatten()
    }

    /// The codes of `TransactWriteItems`; the one of a row that was in order is `None`.
    fn of_code(code: &'e str) -> Option<Self> {
        match code {
            "ConditionalCheckFailed" | "TransactionConflict" => Some(Self::Taken),
            "ProvisionedThroughputExceeded" | "ThrottlingError" => Some(Self::Busy(code)),
            _ => None,
        }
    }
}

fn new_row(owner: &OwnerKey, todo: &Todo) -> Row {
    let mut row = row::of_todo(todo);
    row.extend([
        (attribute::OWNER_KEY.to_owned(), AttributeValue::S(owner.as_str().to_owned())),
        (attribute::TODO_ID.to_owned(), AttributeValue::S(todo.id.to_string())),
    ]);
    row
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::{CancellationReason, error::TransactionCanceledException};

    use super::*;

    #[test]
    fn a_transaction_that_was_called_off_is_judged_by_its_reasons() {
        let check = |codes: &[&str], expected: Option<Cancellation<'_>>| {
            let reasons =
                codes.iter().map(|code| CancellationReason::builder().code(*code).build());
            let canceled = TransactionCanceledException::builder()
                .set_cancellation_reasons(Some(reasons.collect()))
                .build();
            let error = TransactWriteItemsError::TransactionCanceledException(canceled);
            let error = SdkError::service_error(error, ());
            assert_eq!(Cancellation::of(&error), expected, "{codes:?}");
        };
        check(&["ConditionalCheckFailed", "None"], Some(Cancellation::Taken));
        check(&["TransactionConflict", "None"], Some(Cancellation::Taken));
        check(&["None", "ThrottlingError"], Some(Cancellation::Busy("ThrottlingError")));
        check(&["ValidationError", "None"], None);
        check(&[], None);
    }
}
