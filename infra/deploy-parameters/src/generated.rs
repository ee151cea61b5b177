//! The file that tools write.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::Path,
};

use crate::{ConfigurationError, document::Document};

/// How a file of ours begins.
const HEADER: &str = "# Written by `cargo xtask deploy` and infra/entra";

const NOTE: &str = "Nothing in it is secret: commit it.\n\
                    # A value of the same name in samconfig.toml wins.\n";

/// Reads the values in the file; none if there is no file.
pub(crate) fn read(
    document: &Document,
) -> Result<BTreeMap<String, (String, usize)>, ConfigurationError> {
    let mut values = BTreeMap::new();
    for (name, value) in document.table()? {
        let line = document.line(name.span().start);
        let text = document.parameter(name.get_ref(), &value)?;
        values.insert(name.into_inner().into_owned(), (text, line));
    }
    Ok(values)
}

/// Sets some values in the file and leaves the others. An empty value goes from the file, so that
/// the parameter has its default.
///
/// # Errors
/// When somebody else's file is there, or it cannot be written.
pub fn write(path: &Path, changes: &[(&str, String)]) -> Result<(), ConfigurationError> {
    may_be_written(path)?;
    let mut values = BTreeMap::new();
    if let Some(document) = Document::read_if_any(path)? {
        values.extend(read(&document)?.into_iter().map(|(name, (value, _))| (name, value)));
    }
    values.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    values.retain(|_, value| !value.is_empty());
    let values = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let text = format!("{HEADER}. {NOTE}{}", toml(values));
    let new = path.with_extension("new");
    let written = replace(&new, path, text.as_bytes());
    written.map_err(|reason| ConfigurationError::Unwritable { file: path.to_owned(), reason })
}

/// By way of a new file, which no link can lead elsewhere.
fn replace(new: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    match fs::remove_file(new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => File::create_new(new)?.write_all(text)?,
    }
    fs::rename(new, path)
}

/// Parameters in the form of a file that SAM includes.
pub fn toml<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    // A string of JSON is one of TOML, too.
    let line = |(name, value)| format!("{name} = {}\n", serde_json::Value::from(value));
    values.map(line).collect()
}

/// Whether there is no such file, or one that these tools wrote.
///
/// # Errors
/// When there is another file, or it cannot be read.
pub fn may_be_written(path: &Path) -> Result<(), ConfigurationError> {
    match fs::read_to_string(path) {
        Ok(old) if !old.starts_with(HEADER) => Err(ConfigurationError::Foreign(path.to_owned())),
        Err(reason) if reason.kind() != ErrorKind::NotFound => {
            Err(ConfigurationError::Unreadable { file: path.to_owned(), reason })
        }
        _ => Ok(()),
    }
}
