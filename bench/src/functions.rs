//! What is started: the built functions, and the peer.

use std::path::{Path, PathBuf};

use anyhow::Result;
use on_lambda::Function;

use crate::{
    backend::Backend,
    peer::{PEER, Peer},
};

/// Where they are.
pub(crate) struct Functions {
    folder: PathBuf,
    peer: Option<Peer>,
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
        backend: &Backend,
        name: &str,
        with_copies: bool,
    ) -> Result<Function> {
        match &self.peer {
            Some(Peer { node, script }) if name == PEER => {
                let environment = backend.environment(with_copies);
                Function::spawn_with(node, &[script.as_os_str()], environment).await
            }
            _ => backend.function(&self.folder, name, with_copies).await,
        }
    }
}
