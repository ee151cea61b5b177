//! The settings of the snapshot.

use settings::{Environment, SettingError};

/// Where the copies are, and who writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeysConfig {
    /// The table; without one there are no copies.
    pub table: Option<String>,
    /// The function that writes them, to be woken when they are missing or too old.
    pub function: Option<String>,
}

impl KeysConfig {
    /// Reads `KEYS_TABLE` and `KEYS_FUNCTION`, neither of which must be set.
    ///
    /// # Errors
    /// When there is a function and no table.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let table = environment.optional("KEYS_TABLE", "tollgate-keys")?;
        let function = environment.optional("KEYS_FUNCTION", "tollgate-keys:live")?;
        if function.is_some() && table.is_none() {
            let why = "it fills KEYS_TABLE, which is not set";
            return Err(SettingError::invalid("KEYS_FUNCTION", why, "no KEYS_FUNCTION"));
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
        assert_eq!(error.variable, "KEYS_FUNCTION");
    }
}
