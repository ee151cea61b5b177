//! Client secrets, from Graph to a file or the screen.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{Name, console::Console, error::Error, part::Part};

/// A client secret. It has no `Debug`, so that no log can hold it.
pub(crate) struct ClientSecret(pub(crate) String);

/// Where new client secrets go.
pub(crate) struct Secrets<'a> {
    /// A folder; without one they are shown.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) console: &'a dyn Console,
}

/// An open destination for one secret.
pub(crate) enum SecretSink<'a> {
    File { open: fs::File, temporary: PathBuf, path: PathBuf, part: Part, console: &'a dyn Console },
    Screen(Part, &'a dyn Console),
}

impl<'a> Secrets<'a> {
    /// Opens the destination before the secret exists, so that it cannot be lost.
    pub(crate) fn open(&self, name: &Name, part: Part) -> Result<SecretSink<'a>, Error> {
        let Some(folder) = self.folder else { return Ok(SecretSink::Screen(part, self.console)) };
        let path = folder.join(format!("{}-{}-secret", name.slug(), part.noun().replace(' ', "-")));
        let temporary = path.with_extension("new");
        let open = fs::create_dir_all(folder).and_then(|()| private(&temporary));
        let open = open.map_err(|reason| Error::File { path: temporary.clone(), reason })?;
        Ok(SecretSink::File { open, temporary, path, part, console: self.console })
    }
}

impl SecretSink<'_> {
    /// Puts the secret there, without a line break after it: it goes on as it is.
    pub(crate) fn put(self, secret: &ClientSecret) -> Result<(), Error> {
        let (from, part, console) = match self {
            Self::Screen(part, console) => {
                console.say(&format!("The client secret of the {}: {}", part.noun(), secret.0));
                ("/dev/stdin".to_owned(), part, console)
            }
            Self::File { mut open, temporary, path, part, console } => {
                let written = open.write_all(secret.0.as_bytes()).and_then(|()| open.sync_all());
                let moved = written.and_then(|()| fs::rename(&temporary, &path));
                moved.map_err(|reason| Error::File { path: path.clone(), reason })?;
                let shown = path.display();
                console.say(&format!("The client secret of the {} is in {shown}", part.noun()));
                (shown.to_string(), part, console)
            }
        };
        if part == Part::Web {
            console.say(&store(&from));
        }
        Ok(())
    }

    /// There will be no secret.
    pub(crate) fn abandon(self) {
        if let Self::File { temporary, .. } = self {
            // Empty, and the next run would remove it.
            let _left = fs::remove_file(temporary);
        }
    }
}

/// The command names a file: what stands on a command line is in the shell's history and in the
/// list of processes.
fn store(file: &str) -> String {
    format!(
        "Store it, and hand the ARN that this prints to `apply --secret-arn` (put-secret-value \
         --secret-id <ARN> for one that is there):\n  aws secretsmanager create-secret --name \
         tollgate/client-secret \\\n    --secret-string file://{file} --query ARN --output text"
    )
}

/// A new file that only its owner can read, from its creation on.
fn private(path: &Path) -> io::Result<fs::File> {
    // One that a run left behind when it was interrupted holds nothing.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
