//! Files and folders for secrets, which only their owner can read (on Unix, modes 0600 and 0700).

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// A new file that will replace the one at its path, or be removed if it is dropped before.
///
/// Readers see the old content or the new, never a part. The file is created exclusively under a
/// random name with mode 0600, so that no other process can have it open or have put a link there.
#[derive(Debug)]
pub struct PrivateFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl PrivateFile {
    /// Creates the file, in the folder of `path`.
    ///
    /// # Errors
    /// If there is something other than a regular file at `path`, such as a symbolic link, or the
    /// folder cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        existing(path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Writes the content to disk and moves the file to its path.
    ///
    /// # Errors
    /// If the content cannot be written; the file at the path is then as it was.
    pub fn write(mut self, content: &[u8]) -> io::Result<()> {
        self.file.write_all(content)?;
        self.file.as_file().sync_all()?;
        self.file.persist(self.path)?;
        Ok(())
    }
}

/// Creates or replaces the file at `path`.
///
/// # Errors
/// Those of [`PrivateFile`].
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    PrivateFile::create(path)?.write(content)
}

/// Opens the file at `path` to read and write, for programs that change it in place. Creates a
/// missing file, and takes other users' permissions from an existing one.
///
/// # Errors
/// If there is something other than a regular file, or it cannot be opened.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true);
    // A link that is put there after the check is not followed either.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NOFOLLOW.bits().cast_signed(),
    );
    if existing(path)? {
        let file = options.open(path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        return Ok(file);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.create_new(true).open(path)
}

/// Reads the file at `path`. `None` if there is none.
///
/// # Errors
/// If there is something other than a regular file of the current user, or it cannot be read.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if !existing(path)? {
        return Ok(None);
    }
    #[cfg(unix)]
    own(path)?;
    fs::read(path).map(Some)
}

/// Creates the folder at `path`, and those above it, for the current user alone. An existing folder
/// keeps its permissions, because it may have another purpose.
///
/// # Errors
/// If other users have access to an existing folder or own it, or a new one cannot be created.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    own(path)?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()) & 0o077 != 0 {
        let path = path.display();
        return Err(io::Error::other(format!(
            "other users of this machine can read it; run `chmod 700 {path}`"
        )));
    }
    Ok(())
}

/// Fails if another user owns what is at `path`: they could replace it.
#[cfg(unix)]
fn own(path: &Path) -> io::Result<()> {
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(path)?);
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::other("another user owns it"))
}

/// Whether there is a file at `path`.
fn existing(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(_) => Err(io::Error::other("it is not a regular file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("the file exists").permissions().mode() & 0o777
    }

    #[test]
    fn nothing_of_another_user_is_read_or_used() {
        if !rustix::process::geteuid().is_root() {
            return; // Only root can give a file away.
        }
        let folder = tempfile::tempdir().unwrap();
        let (file, own) = (folder.path().join("file"), folder.path().join("folder"));
        write(&file, b"planted").unwrap();
        create_folder(&own).unwrap();
        assert_eq!(read(&file).unwrap().unwrap(), b"planted");
        for path in [&file, &own] {
            std::os::unix::fs::chown(path, Some(65_534), None).unwrap();
        }
        assert!(read(&file).is_err() && create_folder(&own).is_err());
        assert!(read(&folder.path().join("missing")).unwrap().is_none());
        symlink(&file, folder.path().join("link")).unwrap();
        assert!(read(&folder.path().join("link")).is_err());
    }

    #[test]
    fn a_file_is_for_its_owner_alone_even_if_it_replaces_a_public_one() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["written", "opened"] {
            let path = folder.path().join(name);
            let put = || match name {
                "written" => write(&path, b"secret").unwrap(),
                _ => open(&path).unwrap().write_all(b"secret").unwrap(),
            };
            put();
            assert_eq!(mode(&path), 0o600, "{name}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
            put();
            assert_eq!(mode(&path), 0o600, "{name}");
            assert_eq!(fs::read(&path).unwrap(), b"secret");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no file is left behind");
    }

    #[test]
    fn a_program_that_has_the_old_file_open_does_not_see_the_new_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "public").unwrap();
        let reader = File::open(&path).unwrap();
        write(&path, b"secret").unwrap();
        assert_eq!(io::read_to_string(reader).unwrap(), "public");
    }

    #[test]
    fn a_symbolic_link_or_a_folder_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("target"), "as it was").unwrap();
        symlink(path("target"), path("link")).unwrap();
        symlink(path("nothing"), path("dangling")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        for name in ["link", "dangling", "folder"] {
            let errors = [write(&path(name), b"secret").err(), open(&path(name)).err()];
            for error in errors {
                assert_eq!(error.unwrap().to_string(), "it is not a regular file", "{name}");
            }
        }
        assert_eq!(fs::read_to_string(path("target")).unwrap(), "as it was");
        assert!(!path("nothing").exists());
    }

    #[test]
    fn a_file_that_is_not_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        drop(PrivateFile::create(&folder.path().join("file")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_is_for_its_owner_alone_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/data");
        create_folder(&path).unwrap();
        create_folder(&path).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o700, 0o700));
        for shared in [0o755, 0o750, 0o701] {
            fs::set_permissions(&path, fs::Permissions::from_mode(shared)).unwrap();
            let error = create_folder(&path).unwrap_err().to_string();
            assert!(error.contains(&format!("run `chmod 700 {}`", path.display())), "{error}");
            assert_eq!(mode(&path), shared, "an existing folder keeps its permissions");
        }
    }
}
