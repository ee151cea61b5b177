//! A TOML file in which every value knows its line.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::ConfigurationError;

pub(crate) struct Document {
    pub(crate) file: PathBuf,
    text: String,
}

impl Document {
    pub(crate) fn read(file: &Path) -> Result<Self, ConfigurationError> {
        Self::read_if_any(file)?.ok_or_else(|| ConfigurationError::Unreadable {
            file: file.to_owned(),
            reason: ErrorKind::NotFound.into(),
        })
    }

    pub(crate) fn read_if_any(file: &Path) -> Result<Option<Self>, ConfigurationError> {
        match fs::read_to_string(file) {
            Ok(text) => Ok(Some(Self { file: file.to_owned(), text })),
            Err(reason) if reason.kind() == ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(ConfigurationError::Unreadable { file: file.to_owned(), reason }),
        }
    }

    pub(crate) fn table(&self) -> Result<DeTable<'_>, ConfigurationError> {
        match DeTable::parse(&self.text) {
            Ok(table) => Ok(table.into_inner()),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                Err(self.fault(at, error.message().to_owned()))
            }
        }
    }

    /// The number of the line with this byte, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(&self.text);
        before.matches('\n').count() + 1
    }

    pub(crate) fn fault(&self, at: usize, fault: impl Into<String>) -> ConfigurationError {
        let line = self.line(at);
        ConfigurationError::Line { file: self.file.clone(), line, fault: fault.into() }
    }

    /// The value of a parameter, as SAM passes it to CloudFormation.
    pub(crate) fn parameter(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<String, ConfigurationError> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.parameter(name, item));
                items.collect::<Result<Vec<_>, _>>()?.join(",")
            }
            // SAM passes Python's words for them, such as `True`.
            _ => {
                let fault = format!("write {name} as text in quotes, such as {name} = \"true\"");
                return Err(self.fault(value.span().start, fault));
            }
        };
        Ok(text)
    }
}
