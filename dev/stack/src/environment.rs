use std::{io, path::Path};

use settings::Environment;

/// Writes what all functions together are given, for functions that run elsewhere:
/// `cargo lambda watch` has one file for all of them. It contains the client secret.
pub(crate) fn write(file: &Path, settings: &Environment) -> io::Result<()> {
    let mut lines = Vec::new();
    for (name, value) in settings.iter() {
        // Readers of such files differ in what these mean.
        if value.contains(['\n', '\r', '"', '\\', '$']) {
            let reason = format!("{name} has a character that cannot stand in it");
            return Err(io::Error::other(reason));
        }
        lines.push(format!("{name}=\"{value}\"\n"));
    }
    private_file::write(file, lines.concat().as_bytes())
}
