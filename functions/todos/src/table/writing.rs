use std::{collections::HashMap, fmt::Write};

use api::{IfMatch, RequestError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use outbound::DynamoDbError;
use serde::Serialize;

use super::{
    TableError, TodoTable, WriteOutcome,
    row::{self, RowKey, attribute},
};
use crate::todo::{OwnerKey, Timestamp, Todo, TodoId};

impl TodoTable {
    /// Sets these fields of an existing todo. The one write names only what changes, so of two at
    /// the same moment neither reverts the other. Without fields nothing is written.
    pub(crate) async fn update(
        &self,
        owner: &OwnerKey,
        id: TodoId,
        fields: &impl Serialize,
        if_match: &IfMatch,
        now: &Timestamp,
    ) -> Result<WriteOutcome<Todo>, TableError> {
        let fields = row::from_fields(fields);
        if fields.is_empty() {
            return Ok(match self.find(owner, id).await? {
                None => Err(RequestError::NotFound),
                Some(todo) if if_match.accepts(todo.version) => Ok(todo),
                Some(_) => Err(RequestError::PreconditionFailed),
            });
        }
        let mut expression = Expression::condition(if_match);
        let mut update = "SET #version = #version + :one, #updated_at = :now".to_owned();
        expression.name("#version", attribute::VERSION);
        expression.value(":one", AttributeValue::N("1".to_owned()));
        expression.name("#updated_at", attribute::UPDATED_AT);
        expression.value(":now", AttributeValue::S(now.as_str().to_owned()));
        for (name, value) in fields {
            let (place, new) = (format!("#{name}"), format!(":new_{name}"));
            write!(update, ", {place} = {new}").expect("a String takes any text");
            expression.name(&place, &name);
            expression.value(&new, value);
        }
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(RowKey::of(owner, id).into_row()))
            .update_expression(update)
            .condition_expression(expression.condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        outcome(answer, |answer| row::into_todo(answer.attributes.unwrap_or_default()))
    }

    /// Deletes an existing todo.
    pub(crate) async fn delete(
        &self,
        owner: &OwnerKey,
        id: TodoId,
        if_match: &IfMatch,
    ) -> Result<WriteOutcome<()>, TableError> {
        let expression = Expression::condition(if_match);
        let values = (!expression.values.is_empty()).then_some(expression.values);
        let answer = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(RowKey::of(owner, id).into_row()))
            .condition_expression(expression.condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        outcome(answer, |_| Ok(()))
    }
}

fn outcome<A, T>(
    answer: Result<A, impl Into<DynamoDbError>>,
    done: impl FnOnce(A) -> Result<T, TableError>,
) -> Result<WriteOutcome<T>, TableError> {
    match answer.map_err(Into::into) {
        Ok(answer) => done(answer).map(Ok),
        Err(DynamoDbError::ConditionFailed { item, .. }) => match item {
            Some(row) if !row.is_empty() => Ok(Err(RequestError::PreconditionFailed)),
            _ => Ok(Err(RequestError::NotFound)),
        },
        Err(error) => Err(error.into()),
    }
}

/// A condition with the names and values that it uses. Every name goes through a placeholder:
/// DynamoDB reserves hundreds of words, `owner` among them.
struct Expression {
    condition: String,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// The todo exists, in a version that `If-Match` accepts.
    fn condition(if_match: &IfMatch) -> Self {
        let mut this = Self {
            condition: "attribute_exists(#todo_id)".to_owned(),
            names: HashMap::new(),
            values: HashMap::new(),
        };
        this.name("#todo_id", attribute::TODO_ID);
        if let IfMatch::OneOf(versions) = if_match {
            this.name("#version", attribute::VERSION);
            // 0 is no version, and keeps the list from being empty, which DynamoDB refuses.
            let numbers = versions.iter().map(|version| version.number());
            let numbers = if versions.is_empty() { vec![0] } else { numbers.collect() };
            let mut operands = Vec::new();
            for (at, number) in numbers.iter().enumerate() {
                let operand = format!(":version{at}");
                this.value(&operand, AttributeValue::N(number.to_string()));
                operands.push(operand);
            }
            this.condition.push_str(" AND #version IN (");
            this.condition.push_str(&operands.join(", "));
            this.condition.push(')');
        }
        this
    }

    fn name(&mut self, placeholder: &str, attribute: &str) {
        self.names.insert(placeholder.to_owned(), attribute.to_owned());
    }

    fn value(&mut self, placeholder: &str, value: AttributeValue) {
        self.values.insert(placeholder.to_owned(), value);
    }
}
