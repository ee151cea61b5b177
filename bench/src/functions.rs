//! What is started: the built functions, and the peer.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use on_lambda::Function;

use crate::world::World;

/// The name of the peer, which is not a binary of ours.
pub(crate) const PEER: &str = "node";

/// Where they are.
pub(crate) struct Functions {
    folder: PathBuf,
    peer: Option<Peer>,
}

/// `bench/peers/node`, and what runs it.
struct Peer {
    node: PathBuf,
    script: PathBuf,
}

impl Functions {
    /// Those in `folder`; with the peer, unless there is to be none.
    ///
    /// # Errors
    /// When Node or npm is missing, or the peer's packages cannot be had.
    pub(crate) fn new(folder: PathBuf, with_peer: bool) -> Result<Self> {
        let peer = with_peer.then(Peer::installed).transpose()?;
        Ok(Self { folder, peer })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        name != PEER || self.peer.is_some()
    }

    /// The folder of the built ones.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts one of them, or the peer.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) async fn start(
        &self,
        world: &World,
        name: &str,
        with_copies: bool,
    ) -> Result<Function> {
        match &self.peer {
            Some(Peer { node, script }) if name == PEER => {
                let environment = world.environment(with_copies);
                Function::spawn_with(node, &[script.as_os_str()], environment).await
            }
            _ => world.function(&self.folder, name, with_copies).await,
        }
    }
}

impl Peer {
    fn installed() -> Result<Self> {
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
