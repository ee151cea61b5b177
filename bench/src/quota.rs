//! A share of a processor for one process: a control group of its own, of version 2 (`cpu.max`) or
//! 1 (`cpu.cfs_quota_us`), whichever has the controller.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

const ROOT: &str = "/sys/fs/cgroup";

/// How long a process may run in each period, in microseconds: the least that the kernel takes,
/// so that the periods are the shortest there can be.
const RUN: u32 = 1000;

/// A share of one processor. Processes are taken out of it by ending.
pub(crate) struct Quota {
    folder: PathBuf,
}

impl Quota {
    /// `percent`: from 1 to 100.
    ///
    /// # Errors
    /// When this machine has no such groups, or they may not be made.
    pub(crate) fn of(percent: u32) -> Result<Self> {
        Self::below(Path::new(ROOT), percent)
    }

    fn below(root: &Path, percent: u32) -> Result<Self> {
        let controllers = root.join("cgroup.subtree_control");
        // Where there is no such file, there is no cgroup v2.
        let enabled = fs::read_to_string(&controllers).unwrap_or_default();
        let second = enabled.split_whitespace().any(|controller| controller == "cpu");
        let first = root.join("cpu");
        ensure!(
            second || first.join("cpu.cfs_quota_us").exists(),
            "--quota needs control groups with the controller `cpu`, which {} does not have: leave \
             --quota out, or use a machine that has it",
            root.display()
        );
        let parent = if second { root } else { &first };
        let folder = parent.join(format!("tollgate-bench-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| {
            format!("--quota needs to make {}: run as root, or leave it out", folder.display())
        })?;
        let quota = Self { folder };
        let period = period(percent);
        if second {
            quota.write("cpu.max", &format!("{RUN} {period}"))?;
        } else {
            quota.write("cpu.cfs_period_us", &period.to_string())?;
            quota.write("cpu.cfs_quota_us", &RUN.to_string())?;
        }
        Ok(quota)
    }

    /// From now on all threads of the process have this share together.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn take(&self, pid: u32) -> Result<()> {
        self.write("cgroup.procs", &pid.to_string())
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let file = self.folder.join(file);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // It goes when its last process has; a leftover limits no process.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// In microseconds.
pub(crate) fn period(percent: u32) -> u32 {
    RUN * 100 / percent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_as_long_as_the_share_asks_for() {
        assert_eq!(period(100), 1000);
        assert_eq!(period(50), 2000);
        assert_eq!(period(7), 14_285);
        // The kernel takes a second at most.
        assert_eq!(period(1), 100_000);
    }

    #[test]
    fn a_process_is_put_into_a_group_with_the_share() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("cgroup.subtree_control"), "cpuset cpu io\n").unwrap();
        let quota = Quota::below(root.path(), 7).unwrap();
        quota.take(42).unwrap();
        let read = |file| fs::read_to_string(quota.folder.join(file)).unwrap();
        assert_eq!(read("cpu.max"), "1000 14285");
        assert_eq!(read("cgroup.procs"), "42");
    }

    #[test]
    fn an_older_machine_has_the_share_in_two_files() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("cpu")).unwrap();
        fs::write(root.path().join("cpu/cpu.cfs_quota_us"), "-1").unwrap();
        let quota = Quota::below(root.path(), 7).unwrap();
        let read = |file| fs::read_to_string(quota.folder.join(file)).unwrap();
        assert_eq!(
            (read("cpu.cfs_period_us"), read("cpu.cfs_quota_us")),
            ("14285".into(), "1000".into())
        );
    }

    #[test]
    fn a_machine_without_the_controller_is_told_so() {
        let root = tempfile::tempdir().unwrap();
        for controllers in [None, Some("cpuset io")] {
            if let Some(controllers) = controllers {
                fs::write(root.path().join("cgroup.subtree_control"), controllers).unwrap();
            }
            let error = Quota::below(root.path(), 7).err().unwrap().to_string();
            assert!(error.starts_with("--quota needs control groups"), "{error}");
        }
    }
}
