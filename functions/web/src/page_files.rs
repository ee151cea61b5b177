//! The files that a page refers to, in a folder. `build.rs` uses this file, too.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Every file below a folder, sorted: its path from there, with slashes, and its place. Symbolic
/// links, which can lead out of the folder or in circles, are left out.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, place) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let below = files(&place)?.into_iter();
            found.extend(below.map(|(path, place)| (format!("{name}/{path}"), place)));
        } else if kind.is_file() {
            found.push((name, place));
        }
    }
    found.sort();
    Ok(found)
}

/// The content type of what the page's content security policy lets it load.
pub(crate) fn media_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        _ => return None,
    })
}
