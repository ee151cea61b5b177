use auth::Issuer;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    TableError, TodoTable,
    row::{self, Row, RowKey, attribute},
};
use crate::todo::{OwnerKey, Todo, TodoId};

/// The index that template.yaml defines.
const BY_ID: &str = "by_id";

impl TodoTable {
    /// The todo of this owner, as it is now.
    pub(crate) async fn find(
        &self,
        owner: &OwnerKey,
        id: TodoId,
    ) -> Result<Option<Todo>, TableError> {
        let row = self.row(&RowKey::of(owner, id)).await?;
        row.as_ref().map(row::to_todo).transpose()
    }

    /// Whose todo it is, among the owners under this issuer. The index runs behind the table by
    /// some milliseconds, so what it says must be looked up there before it is believed.
    pub(crate) async fn owner_of(
        &self,
        issuer: &Issuer,
        id: TodoId,
    ) -> Result<Option<OwnerKey>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(BY_ID)
            .key_condition_expression("#id = :id")
            .expression_attribute_names("#id", attribute::TODO_ID)
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .send()
            .await?;
        let keys = answer.items().iter().map(|found| row::text(found, attribute::OWNER_KEY));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        Ok(keys.into_iter().find_map(|key| OwnerKey::found(key, issuer)))
    }

    pub(super) async fn row(&self, key: &RowKey) -> Result<Option<Row>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.clone().into_row()))
            .consistent_read(true)
            .send()
            .await?;
        Ok(answer.item)
    }
}
