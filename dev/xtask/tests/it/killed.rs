//! What becomes of the programs that xtask has started when it is killed.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Stands in for every program; the stack starts another one, and both would stay for an hour.
const PROGRAM: &str = r#"#!/bin/sh
[ "${0##*/}" = stack ] || exit 0
sleep 3600 &
echo "$! $$" > "$HOME/started"
wait
"#;

#[test]
fn they_end_with_their_children() {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("debug");
    fs::create_dir(&programs).unwrap();
    for name in ["chromium", "chromedriver", "cargo", "stack"] {
        fs::write(programs.join(name), PROGRAM).unwrap();
        fs::set_permissions(programs.join(name), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["e2e", "local"])
        .env("HOME", folder.path())
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .env("CARGO", programs.join("cargo"))
        .env("CARGO_TARGET_DIR", folder.path())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let started = folder.path().join("started");
    let pids = until(|| fs::read_to_string(&started).ok().filter(|text| text.ends_with('\n')));
    // One that has ended and was not waited for has no command line.
    let command = |pid: &str| fs::read(Path::new("/proc").join(pid).join("cmdline"));
    let live = |pid: &str| command(pid).is_ok_and(|it| !it.is_empty());
    assert!(pids.split_whitespace().all(live), "{pids}");
    // `kill` of a `Child` is SIGKILL: xtask ends nothing itself.
    xtask.kill().unwrap();
    xtask.wait().unwrap();
    until(|| (!pids.split_whitespace().any(live)).then_some(()));
}

#[track_caller]
fn until<T>(came: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(came) = came() {
            return came;
        }
        assert!(Instant::now() < deadline, "it did not come");
        thread::sleep(Duration::from_millis(20));
    }
}
