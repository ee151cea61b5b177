use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::Path,
};

use settings::Environment;

/// Writes what all functions together are given, for functions that run elsewhere:
/// `cargo lambda watch` has one file for all of them. The client secret is in it, so nobody
/// else may read it.
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
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(lines.concat().as_bytes())
}
