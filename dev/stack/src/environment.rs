use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::{self, Write},
    path::Path,
};

use local_aws::Template;
use settings::Environment;

use crate::functions::{GIVEN, SECRETS};

/// Writes what all functions together are given, for functions that run elsewhere:
/// `cargo lambda watch` has one file for all of them. The client secret is in it, so nobody
/// else may read it.
pub(crate) fn write(file: &Path, template: &Template, settings: &Environment) -> io::Result<()> {
    let variables = template.variables().map_err(io::Error::other)?;
    let own = variables.iter().flat_map(|(_, names)| names).map(String::as_str);
    let names: BTreeSet<_> = own.chain(SECRETS.map(|(_, direct)| direct)).chain(GIVEN).collect();
    let mut lines = Vec::new();
    for name in names {
        let Some(value) = settings.text(name) else { continue };
        // Readers of such files differ in what these mean.
        if value.contains(['\n', '\r', '"', '\\', '$']) {
            let reason = format!("{name} has a character that cannot stand in it");
            return Err(io::Error::other(reason));
        }
        lines.push(format!("{name}=\"{value}\"\n"));
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(lines.concat().as_bytes())
}
