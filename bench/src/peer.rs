//! The peer: a function on Node that `todos` is measured against.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// The name of the peer, which is not a binary of ours.
pub(crate) const PEER: &str = "node";

/// The function in `bench/peers/node`, and the Node that runs it.
pub(crate) struct Peer {
    pub(crate) node: PathBuf,
    pub(crate) script: PathBuf,
}

impl Peer {
    /// # Errors
    /// When Node or npm is missing, or npm cannot install the packages.
    pub(crate) fn installed() -> Result<Self> {
        let peer = folder();
        let needs = "the peer needs Node 20 and npm: install them, or say --without-peer";
        let node = on_path("node").context(needs)?;
        let (lock, made) =
            (peer.join("package-lock.json"), peer.join("node_modules/.package-lock.json"));
        let changed = |file: &Path| file.metadata().and_then(|it| it.modified()).ok();
        if changed(&made) < changed(&lock) {
            println!("installing the peer's packages (npm ci)");
            let installed = Command::new(on_path("npm").context(needs)?)
                .args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&peer)
                .status()
                .context("cannot start npm")?;
            ensure!(installed.success(), "npm ci failed in {}", peer.display());
        }
        Ok(Self { node, script: peer.join("index.js") })
    }
}

/// The folder of the peer.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/node")
}

/// The program of that name that a shell would start.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
