//! Where the repository and what belongs to it is on this machine.

use anyhow::{Context, Result};
use std::{
    env,
    path::{Path, PathBuf},
};

/// The folders that the chores work in.
pub(crate) struct Workspace {
    root: PathBuf,
    cache: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace that this program was built in.
    ///
    /// # Errors
    /// When neither `XDG_CACHE_HOME` nor `HOME` says where tools can be kept.
    pub(crate) fn find() -> Result<Self> {
        // Cargo sets it for `cargo run`; what was true at build time is the fallback.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .ancestors()
            .nth(2)
            .context("xtask is two folders below the root of the repository")?
            .to_path_buf();
        let cache = match env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()) {
            Some(cache) => PathBuf::from(cache),
            None => PathBuf::from(
                env::var_os("HOME").context("set HOME or XDG_CACHE_HOME: tools are kept there")?,
            )
            .join(".cache"),
        }
        .join("tollgate");
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let target = root.join(target);
        Ok(Self { root, cache, target })
    }

    /// The root of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a tool is kept between runs, shared by all clones.
    pub(crate) fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Where Cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where Cargo puts a binary of the development profile.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// A folder of this clone for the traces of a tier, emptied.
    ///
    /// # Errors
    /// When it cannot be emptied or made.
    pub(crate) fn traces(&self, tier: &str) -> Result<PathBuf> {
        let folder = self.target.join("tests").join(tier);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}
