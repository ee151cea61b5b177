use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use outbound::DynamoDbError;

use super::{
    TableError, TodoTable, WriteOutcome,
    idempotency::{self, IdempotencyRecord},
    row::{self, Row, attribute},
};
use crate::todo::{OwnerKey, Todo};

/// Of two equal requests at the same moment one conflicts with the other, and finds its record at
/// the next try.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(25);

impl TodoTable {
    /// Stores a new todo.
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

    /// Stores a new todo and its idempotency record, unless an earlier request with the same key
    /// did. Returns the first result.
    pub(crate) async fn create_once(
        &self,
        owner: &OwnerKey,
        todo: &Todo,
        record: &IdempotencyRecord,
    ) -> Result<WriteOutcome<Todo>, TableError> {
        for tries in 0..TRIES {
            // Writing first: a request that is sent again is the exception.
            if self.write_both(owner, todo, record).await? {
                return Ok(Ok(todo.clone()));
            }
            if let Some(earlier) = record.earlier(self.row(record.key()).await?)? {
                return Ok(earlier);
            }
            tokio::time::sleep(PAUSE * (tries + 1)).await;
        }
        Err(DynamoDbError::Conflict.into())
    }

    /// Whether both rows were written; otherwise neither was, because of the record.
    async fn write_both(
        &self,
        owner: &OwnerKey,
        todo: &Todo,
        record: &IdempotencyRecord,
    ) -> Result<bool, TableError> {
        let record_put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record.row(todo)))
            .condition_expression(idempotency::FREE)
            .set_expression_attribute_names(Some(IdempotencyRecord::names()))
            .set_expression_attribute_values(Some(record.values()));
        let todo_put = Put::builder().table_name(&self.name).set_item(Some(new_row(owner, todo)));
        let mut transaction = self.client.transact_write_items();
        for put in [record_put, todo_put] {
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
    let mut row = row::from_fields(todo);
    row.extend([
        (attribute::OWNER_KEY.to_owned(), AttributeValue::S(owner.as_str().to_owned())),
        (attribute::TODO_ID.to_owned(), AttributeValue::S(todo.id.to_string())),
    ]);
    row
}
