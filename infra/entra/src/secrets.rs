//! Client secrets, from Graph to a file or the screen.

use std::path::{Path, PathBuf};

use private_file::PrivateFile;

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
    File { file: PrivateFile, path: PathBuf, part: Part, console: &'a dyn Console },
    Screen(Part, &'a dyn Console),
}

impl<'a> Secrets<'a> {
    /// Opens the destination before the secret exists, so that it cannot be lost.
    pub(crate) fn open(&self, name: &Name, part: Part) -> Result<SecretSink<'a>, Error> {
        let Some(folder) = self.folder else { return Ok(SecretSink::Screen(part, self.console)) };
        let path = folder.join(format!("{}-{}-secret", name.slug(), part.noun().replace(' ', "-")));
        let file = private_file::create_folder(folder).and_then(|()| PrivateFile::create(&path));
        let file = file.map_err(|reason| Error::File { path: path.clone(), reason })?;
        Ok(SecretSink::File { file, path, part, console: self.console })
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
            Self::File { file, path, part, console } => {
                let written = file.write(secret.0.as_bytes());
                written.map_err(|reason| Error::File { path: path.clone(), reason })?;
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
}

/// The command names a file: what stands on a command line is in the shell's history and in the
/// list of processes.
fn store(file: &str) -> String {
    format!(
        "Store it, and hand the ARN that this prints to `apply --secret-arn` (put-secret-value \
         --secret-id <ARN> for one that is there):\n  aws secretsmanager create-secret --name \
         tollgate/client-credential \\\n    --secret-string file://{file} --query ARN --output text"
    )
}
