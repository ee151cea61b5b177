use std::collections::BTreeSet;

use crate::template::Table;
use dynoxide::{Database, DynoxideError, ImportOptions, Item, TableMetadata};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::StoreError;

/// Makes the tables that are missing and checks the others against the
/// template. `path` is the file they are in, for what is said.
pub(crate) fn create(database: &Database, tables: &[Table], path: &str) -> Result<(), StoreError> {
    for table in tables {
        let name = table.logical_id();
        let failed = |reason: String| StoreError::Table { table: name.to_owned(), reason };
        let existing = database
            .get_table_metadata(name)
            .map_err(|error: DynoxideError| failed(error.to_string()))?;
        let wanted = table.create_request(name);
        match &existing {
            Some(existing) if schema_of(existing) == schema(&wanted) => {}
            Some(_) => {
                let (table, path) = (name.to_owned(), path.to_owned());
                return Err(StoreError::OtherSchema { table, path });
            }
            None => make(database, wanted).map_err(failed)?,
        }
        set_ttl(database, table, existing.as_ref()).map_err(failed)?;
    }
    Ok(())
}

/// Puts rows into a table, all of them or none.
pub(crate) fn fill(database: &Database, table: &str, rows: Vec<Value>) -> Result<(), StoreError> {
    let failed = |reason: String| StoreError::Rows { table: table.to_owned(), reason };
    let rows = rows.into_iter().map(read).collect::<Result<Vec<Item>, _>>().map_err(failed)?;
    let filled = database.import_items(table, rows, ImportOptions::default());
    filled.map(drop).map_err(|error| failed(error.to_string()))
}

fn make(database: &Database, request: Value) -> Result<(), String> {
    database.create_table(read(request)?).map_err(|error| error.to_string())?;
    Ok(())
}

fn set_ttl(
    database: &Database,
    table: &Table,
    existing: Option<&TableMetadata>,
) -> Result<(), String> {
    let update = |attribute: &str, enabled: bool| {
        let specification = json!({ "AttributeName": attribute, "Enabled": enabled });
        let request =
            json!({ "TableName": table.logical_id(), "TimeToLiveSpecification": specification });
        database.update_time_to_live(read(request)?).map_err(|error| error.to_string())
    };
    let current =
        existing.filter(|table| table.ttl_enabled).and_then(|table| table.ttl_attribute.as_deref());
    let wanted = table.ttl_attribute();
    if current == wanted {
        return Ok(());
    }
    if let Some(attribute) = current {
        update(attribute, false)?;
    }
    if let Some(attribute) = wanted {
        update(attribute, true)?;
    }
    Ok(())
}

fn read<T: DeserializeOwned>(request: Value) -> Result<T, String> {
    serde_json::from_value(request).map_err(|error| error.to_string())
}

/// What of a table cannot be changed while it has rows, in no order.
#[derive(Debug, PartialEq)]
struct Schema {
    keys: Pairs,
    types: Pairs,
    /// Name, projection and keys of each.
    indexes: BTreeSet<(String, String, Pairs)>,
}

/// Attribute names, each with its type or its part in the key.
type Pairs = BTreeSet<(String, String)>;

fn schema(request: &Value) -> Schema {
    let index = |index: &Value| {
        (
            text(&index["IndexName"]),
            text(&index["Projection"]["ProjectionType"]),
            pairs(&index["KeySchema"], "AttributeName", "KeyType"),
        )
    };
    let indexes = request["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    Schema {
        keys: pairs(&request["KeySchema"], "AttributeName", "KeyType"),
        types: pairs(&request["AttributeDefinitions"], "AttributeName", "AttributeType"),
        indexes: indexes.map(index).collect(),
    }
}

fn schema_of(existing: &TableMetadata) -> Schema {
    let part = |json: Option<&str>| -> Value {
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    };
    schema(&json!({
        "KeySchema": part(Some(&existing.key_schema)),
        "AttributeDefinitions": part(Some(&existing.attribute_definitions)),
        "GlobalSecondaryIndexes": part(existing.gsi_definitions.as_deref()),
    }))
}

fn pairs(list: &Value, first: &str, second: &str) -> Pairs {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| (text(&item[first]), text(&item[second]))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    fn tables(yaml: &str) -> Vec<Table> {
        Template::parse(yaml).unwrap().tables().unwrap()
    }

    const ONE: &str = "
Resources:
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      TimeToLiveSpecification: { AttributeName: ends, Enabled: true }
";

    #[test]
    fn tables_are_made_once_and_then_recognized() {
        let database = Database::memory().unwrap();
        create(&database, &Template::project().tables().unwrap(), "x").unwrap();
        create(&database, &Template::project().tables().unwrap(), "x").unwrap();
        assert_eq!(database.table_count().unwrap(), 3);
    }

    #[test]
    fn a_table_of_another_schema_is_refused_with_what_to_do() {
        let database = Database::memory().unwrap();
        create(&database, &tables(ONE), "some.db").unwrap();
        for other in
            [ONE.replace("AttributeType: S", "AttributeType: N"), ONE.replace(": id,", ": other,")]
        {
            let error = create(&database, &tables(&other), "some.db").unwrap_err();
            assert_eq!(
                error.to_string(),
                "the table Items in some.db was made from another version of template.yaml: \
                 delete that file to start afresh, or go back to the version that made it"
            );
        }
    }

    #[test]
    fn a_ttl_attribute_follows_the_template() {
        let database = Database::memory().unwrap();
        for (yaml, attribute) in [
            (ONE.to_owned(), Some("ends")),
            (ONE.replace("ends", "over"), Some("over")),
            (ONE.replace("true", "false"), None),
            (ONE.to_owned(), Some("ends")),
        ] {
            create(&database, &tables(&yaml), "x").unwrap();
            let table = database.get_table_metadata("Items").unwrap().unwrap();
            assert_eq!(table.ttl_enabled, attribute.is_some());
            assert_eq!(table.ttl_attribute.filter(|_| table.ttl_enabled).as_deref(), attribute);
        }
    }
}
