//! Rules for the source of every crate.

#![allow(clippy::unwrap_used)] // A file that cannot be read fails the test.

mod deploy;
mod import_cycles;
mod killed;
mod named_tests;
mod new_function;
mod token;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo and nextest set it");
    Path::new(&package).join("../..").canonicalize().unwrap()
}

/// All files below `folder` whose names end so, without what is built or installed.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy();
        if entry.is_dir() && !["target", "node_modules"].contains(&&*name) && !name.starts_with('.')
        {
            found.extend(files(&entry, ending));
        } else if entry.is_file() && name.ends_with(ending) {
            found.push(entry);
        }
    }
    found.sort();
    found
}

#[test]
fn a_module_with_children_is_a_file_beside_their_folder() {
    let found: Vec<_> =
        files(&root(), "mod.rs").into_iter().filter(|file| file.ends_with("mod.rs")).collect();
    assert!(found.is_empty(), "move each foo/mod.rs to foo.rs: {found:?}");
}
