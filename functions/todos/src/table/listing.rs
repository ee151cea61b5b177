use auth::Issuer;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    TableError, TodoTable,
    row::{self, Row, RowKey, attribute},
};
use crate::{
    query::Limit,
    todo::{OwnerKey, Todo, TodoId},
};

/// A part of a list, and the key after which the next one begins.
#[derive(Debug)]
pub(crate) struct Page<K> {
    pub(crate) todos: Vec<Todo>,
    pub(crate) last: Option<K>,
}

/// How many reads a page of everybody's todos may take. Rows that are no todos of ours are read
/// and passed over; when there are very many in a row, a page is short rather than late.
const MOST_SCANS: u32 = 8;

impl TodoTable {
    /// The owner's todos, newest first, as they are now: one Query.
    pub(crate) async fn list(
        &self,
        owner: &OwnerKey,
        limit: Limit,
        after: Option<TodoId>,
    ) -> Result<Page<TodoId>, TableError> {
        // One more than asked for tells whether there is a next page. DynamoDB itself would name
        // a last key after exactly the last row too.
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", attribute::OWNER_KEY)
            .expression_attribute_values(":owner", AttributeValue::S(owner.as_str().to_owned()))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(count_and_one(limit))
            .set_exclusive_start_key(after.map(|id| RowKey::of(owner, id).into_row()))
            .send()
            .await?;
        let more = answer.last_evaluated_key.is_some();
        let mut todos = todos(answer.items.unwrap_or_default())?;
        let more = more || todos.len() > limit.count();
        todos.truncate(limit.count());
        let last = todos.last().map(|todo| todo.id).filter(|_| more);
        Ok(Page { todos, last })
    }

    /// The todos of all owners under an issuer, as they are now, in the order of the table, which
    /// is none.
    pub(crate) async fn list_all(
        &self,
        issuer: &Issuer,
        limit: Limit,
        after: Option<RowKey>,
    ) -> Result<Page<RowKey>, TableError> {
        let mut rows: Vec<Row> = Vec::new();
        let mut start = after.map(RowKey::into_row);
        for round in 0..MOST_SCANS {
            // Wider each time: the rows in between may be many.
            let width = count_and_one(limit) << round;
            let (mut found, last) = self.scan(issuer, width, start.take()).await?;
            rows.append(&mut found);
            start = last;
            if rows.len() > limit.count() || start.is_none() {
                break;
            }
        }
        let last = if rows.len() > limit.count() {
            rows.truncate(limit.count());
            rows.last().map(RowKey::found).transpose()?
        } else {
            start.as_ref().map(RowKey::found).transpose()?
        };
        Ok(Page { todos: todos(rows)?, last })
    }

    async fn scan(
        &self,
        issuer: &Issuer,
        width: i32,
        start: Option<Row>,
    ) -> Result<(Vec<Row>, Option<Row>), TableError> {
        let answer = self
            .client
            .scan()
            .table_name(&self.name)
            // Only todos have `todo_id`: an idempotency record has none.
            .filter_expression("attribute_exists(#todo) AND begins_with(#owner, :issuer)")
            .expression_attribute_names("#todo", attribute::TODO_ID)
            .expression_attribute_names("#owner", attribute::OWNER_KEY)
            .expression_attribute_values(":issuer", AttributeValue::S(OwnerKey::prefix(issuer)))
            .consistent_read(true)
            .limit(width)
            .set_exclusive_start_key(start)
            .send()
            .await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}

fn count_and_one(limit: Limit) -> i32 {
    i32::try_from(limit.count() + 1).expect("a limit is at most 100")
}

fn todos(rows: Vec<Row>) -> Result<Vec<Todo>, TableError> {
    rows.into_iter().map(row::into_todo).collect()
}
