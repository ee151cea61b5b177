use serde_json::{Value, json};

use crate::TemplateError;

/// What of a table's properties DynamoDB's `CreateTable` takes in the same form.
const CREATE: [&str; 5] = [
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
];

/// A DynamoDB table of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    logical_id: String,
    properties: Value,
}

impl Table {
    pub(crate) fn read(id: &str, resource: &Value) -> Result<Self, TemplateError> {
        let properties = resource["Properties"].clone();
        for required in ["KeySchema", "AttributeDefinitions"] {
            if !properties[required].is_array() {
                return Err(TemplateError::shape(id, "has no KeySchema or AttributeDefinitions"));
            }
        }
        Ok(Self { logical_id: id.to_owned(), properties })
    }

    /// The resource's name in the template.
    pub fn logical_id(&self) -> &str {
        &self.logical_id
    }

    /// The request for DynamoDB's `CreateTable`: keys, indexes and billing,
    /// under this name.
    pub fn create_request(&self, name: &str) -> Value {
        let mut request = json!({ "TableName": name });
        for property in CREATE {
            if let Some(value) = self.properties.get(property) {
                request[property] = value.clone();
            }
        }
        request
    }

    /// The attribute that DynamoDB ends rows by, when the table has one.
    pub fn ttl_attribute(&self) -> Option<&str> {
        let specification = &self.properties["TimeToLiveSpecification"];
        (specification["Enabled"] == true)
            .then(|| specification["AttributeName"].as_str())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_create_request_has_keys_and_indexes_and_nothing_that_create_table_does_not_know() {
        let table = Table::read(
            "T",
            &json!({"Properties": {
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "SSESpecification": {"SSEEnabled": true},
                "TimeToLiveSpecification": {"AttributeName": "ends", "Enabled": true},
            }}),
        )
        .unwrap();
        assert_eq!(
            table.create_request("t"),
            json!({
                "TableName": "t",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            })
        );
        assert_eq!(table.ttl_attribute(), Some("ends"));
    }

    #[test]
    fn a_ttl_that_is_off_is_none() {
        let mut resource = json!({"Properties": {"KeySchema": [], "AttributeDefinitions": []}});
        assert_eq!(Table::read("T", &resource).unwrap().ttl_attribute(), None);
        resource["Properties"]["TimeToLiveSpecification"] =
            json!({"AttributeName": "ends", "Enabled": false});
        assert_eq!(Table::read("T", &resource).unwrap().ttl_attribute(), None);
    }

    #[test]
    fn a_table_without_keys_is_refused() {
        assert!(Table::read("T", &json!({"Properties": {}})).is_err());
    }
}
