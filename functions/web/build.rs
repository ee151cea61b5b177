//! Embeds the files of `assets/`: their names, types and bytes, and one hash over all of them.

use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

const FOLDER: &str = "assets";
/// Served at `/`, not as an asset.
const PAGE: &str = "index.html";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join(FOLDER);
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.sort();
    let mut entries = String::new();
    // The page is part of it: its ETag is made from this.
    let mut hash = DefaultHasher::new();
    for path in files {
        let name = path.strip_prefix(&folder)?.to_str().ok_or("a file name that is not UTF-8")?;
        let content_type = content_type(name)?;
        (name, fs::read(&path)?).hash(&mut hash);
        if name != PAGE {
            let bytes = path.to_str().ok_or("a folder name that is not UTF-8")?;
            writeln!(entries, "    ({name:?}, {content_type:?}, include_bytes!({bytes:?})),")?;
        }
    }
    let source = format!(
        "pub(crate) const HASH: &str = \"{:016x}\";\n\
         /// Sorted by name.\n\
         pub(crate) const FILES: &[(&str, &str, &[u8])] = &[\n{entries}];\n",
        hash.finish()
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("assets.rs"), source)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn content_type(name: &str) -> Result<&'static str, String> {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => Ok("text/css; charset=utf-8"),
        "html" => Ok("text/html; charset=utf-8"),
        "ico" => Ok("image/x-icon"),
        "js" => Ok("text/javascript; charset=utf-8"),
        "json" => Ok("application/json"),
        "png" => Ok("image/png"),
        "svg" => Ok("image/svg+xml"),
        "txt" => Ok("text/plain; charset=utf-8"),
        "webmanifest" => Ok("application/manifest+json"),
        "woff2" => Ok("font/woff2"),
        _ => Err(format!("{FOLDER}/{name}: build.rs knows no content type for it")),
    }
}
