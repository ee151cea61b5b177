use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use outbound::DynamoDbError;

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
        Err(DynamoDbError::Conflict.into())
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
        match transaction.send().await.map_err(DynamoDbError::from) {
            Ok(_) => Ok(true),
            Err(DynamoDbError::ConditionFailed { .. } | DynamoDbError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
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
