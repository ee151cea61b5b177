//! The settings of the snapshot.

use settings::{Environment, Setting, SettingError, SettingErrors, all};

/// Name of the table. Required by the function that writes the copies.
pub const KEYS_TABLE: Setting = Setting::new(
    "KEYS_TABLE",
    "the DynamoDB table with copies of the provider's keys",
    "tollgate-keys",
)
.optional("each instance asks the provider (`keys` requires the table)");

const KEYS_FUNCTION: Setting = Setting::new(
    "KEYS_FUNCTION",
    "name or ARN of the function `keys`, which is invoked if the copies are missing, too old, or \
     lack the key that a token names",
    "tollgate-keys:live",
)
.optional("it is not invoked");

/// Where the copies are, and who writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeysConfig {
    /// The table; without one there are no copies.
    pub table: Option<String>,
    /// The function that writes them, to be woken when they are missing or too old.
    pub function: Option<String>,
}

impl KeysConfig {
    /// Reads `KEYS_TABLE` and `KEYS_FUNCTION`, which are both optional.
    ///
    /// # Errors
    /// When there is a function and no table.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let table = environment.optional(&KEYS_TABLE);
        let (table, function) = all((table, environment.optional(&KEYS_FUNCTION)))?;
        if function.is_some() && table.is_none() {
            let reason = "it fills KEYS_TABLE, which is not set; set that or unset this";
            return Err(SettingError::invalid(&KEYS_FUNCTION, reason).into());
        }
        Ok(Self { table, function })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_need_be_no_table() {
        for none in [vec![], vec![("KEYS_TABLE", ""), ("KEYS_FUNCTION", " ")]] {
            let config = KeysConfig::from_environment(&Environment::of(none)).unwrap();
            assert_eq!(config, KeysConfig::default());
        }
    }

    #[test]
    fn a_writer_without_a_table_is_refused_by_name() {
        let environment = Environment::of([("KEYS_FUNCTION", "keys")]);
        let error = KeysConfig::from_environment(&environment).unwrap_err();
        assert_eq!(error.names(), ["KEYS_FUNCTION"]);
    }
}
