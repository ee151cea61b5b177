use std::net::TcpListener;

use crate::process::{Stack, refused, stack};

fn check(arguments: &[&str], variables: &[(&str, &str)], code: i32, message: &str) {
    let mut command = stack(arguments);
    command.envs(variables.iter().copied());
    let (status, error) = refused(&mut command);
    assert_eq!(status, Some(code), "{error}");
    assert!(error.contains(message), "{error:?} does not contain {message:?}");
    if code == 1 {
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.starts_with("tollgate: "), "{error}");
    }
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    // One that is taken, after one that is free.
    let (_taken, port) = loop {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        if TcpListener::bind(("127.0.0.1", port - 1)).is_ok() {
            break (taken, port);
        }
    };
    let what_to_do = "is in use: end what uses it, or choose another with --port";
    let message = format!("port {port} {what_to_do}");
    check(&["--memory", "--port", &port.to_string()], &[], 1, &message);
    // The provider's port is the next one.
    let message =
        format!("port {port}, which the provider needs (the one after --port), {what_to_do}");
    check(&["--memory", "--port", &(port - 1).to_string()], &[], 1, &message);
}

#[test]
fn a_bad_setting_is_named_with_an_example() {
    let memory = ["--memory", "--port", "0"];
    check(&memory, &[("SESSION_IDLE_MINUTES", "soon")], 1, "SESSION_IDLE_MINUTES is not valid: ");
    check(&memory, &[("PUBLIC_URL", "ftp://x")], 1, "PUBLIC_URL is not valid: ");
    check(&memory, &[("RUST_LOG", "x=y=z")], 1, "RUST_LOG is not valid: ");
}

#[test]
fn another_provider_needs_its_settings() {
    let mut command = stack(&["--memory", "--port", "0"]);
    let (status, error) = refused(command.env("OIDC_ISSUER", "https://login.example.com"));
    assert_eq!(status, Some(1), "{error}");
    let missing: Vec<_> = error
        .lines()
        .map(|line| line.strip_prefix("tollgate: ").unwrap().split(" is not set; ").next().unwrap())
        .collect();
    assert_eq!(missing, ["OIDC_CLIENT_ID", "OIDC_SCOPES", "OIDC_CLIENT_SECRET", "API_AUDIENCE"]);
    let plain = ("OIDC_ISSUER", "http://login.example.com");
    let mut command = stack(&["--memory", "--port", "0"]);
    let (status, error) = refused(command.envs([plain]));
    assert_eq!(status, Some(1), "{error}");
    assert!(error.starts_with("tollgate: OIDC_ISSUER is not valid: "), "{error}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named_with_what_to_do() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let folder = file.path().join("below").display().to_string();
    let message = format!("cannot use the data folder {folder}: ");
    check(&["--port", "0", "--data", &folder], &[], 1, &message);
    check(&["--port", "0", "--data", &folder], &[], 1, "--memory");
}

#[cfg(unix)]
#[test]
fn a_data_folder_that_others_can_read_is_refused_with_what_to_do() {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let data = folder.path().to_str().unwrap();
    let what_to_do = format!("other users of this machine can read it; run `chmod 700 {data}`");
    check(&["--port", "0", "--data", data], &[], 1, &what_to_do);
    assert_eq!(std::fs::read_dir(data).unwrap().count(), 0, "nothing is written there");
}

#[cfg(unix)]
#[test]
fn secrets_are_never_written_through_a_symbolic_link() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    std::fs::write(&target, "as it was").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let link = link.to_str().unwrap();
    let around = ["--around", "http://localhost:9", "--environment", link];
    for arguments in [&["--details", link][..], &around] {
        let arguments = [&["--memory", "--port", "0"], arguments].concat();
        check(&arguments, &[], 1, "is not a regular file");
    }
    assert_eq!(std::fs::read_to_string(target).unwrap(), "as it was");
}

#[test]
fn a_second_stack_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let _first = Stack::start(&["--data", data]);
    check(&["--port", "0", "--data", data], &[], 1, "is in use by another process");
}

#[test]
fn wrong_arguments_are_two() {
    check(&["--wrong"], &[], 2, "--wrong");
    check(&["--port", "65535"], &[], 2, "65535");
    check(&["--memory", "--data", "x"], &[], 2, "cannot be used with");
}

#[test]
fn a_provider_that_cannot_be_pushed_to_is_named() {
    let arguments = ["--memory", "--port", "0", "--require-par"];
    check(&arguments, &[], 1, "Microsoft Entra External ID has no pushed authorization requests");
    check(&["--provider-like", "entra"], &[], 2, "it must be one of entra-external-id, entra-id");
}
