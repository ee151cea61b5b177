//! `cargo xtask token`, with an API and a provider that answer as told.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    process::{Command, Output},
    thread,
};

/// Answers one request for each of `answers`; `{here}` in them is its own origin, which it returns.
fn server(
    answers: &[(&'static str, &'static str, &'static str)],
) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let here = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let (origin, answers) = (here.clone(), answers.to_owned());
    let served = thread::spawn(move || {
        for (request, status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 1024];
            let read = stream.read(&mut head).unwrap();
            assert!(head[..read].starts_with(request.as_bytes()), "{request}");
            let body = body.replace("{here}", &here);
            write!(stream, "HTTP/1.0 {status} x\r\n\r\n{body}").unwrap();
        }
    });
    (origin, served)
}

fn token(url: &str, name: &str) -> Output {
    let xtask = env!("CARGO_BIN_EXE_xtask");
    Command::new(xtask).args(["token", name, "--url", url]).output().unwrap()
}

const METADATA: (&str, &str, &str) = (
    "GET /.well-known/oauth-protected-resource HTTP/1.0\r\n",
    "200",
    r#"{"authorization_servers":["{here}/tenant/v2.0"]}"#,
);

#[test]
fn only_the_token_is_on_standard_output() {
    let (url, served) =
        server(&[METADATA, ("POST /dev/tokens/ada HTTP/1.0\r\n", "200", "eyJ.x.y")]);
    let output = token(&url, "ada");
    assert_eq!((output.stdout, output.stderr), (b"eyJ.x.y\n".to_vec(), vec![]));
    served.join().unwrap();
}

#[test]
fn what_is_wrong_is_said_on_standard_error() {
    let (url, served) =
        server(&[METADATA, ("POST", "404", "<p>no</p>"), ("GET", "200", "<p>a page</p>")]);
    let says = |url: &str, expected: &str| {
        let output = token(url, "nobody");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        assert!(error.starts_with("cargo xtask: ") && error.contains(expected), "{error}");
    };
    says(&url, "has no token for nobody (HTTP status 404)");
    says(&url, "isn't the address of `cargo run`");
    served.join().unwrap();
    says(&url, "nothing answers at");
    says("https://todos.example.com", "must begin with http://");
}

#[test]
fn a_server_can_print_nothing_but_a_token_and_name_no_provider_elsewhere() {
    let elsewhere =
        ("GET", "200", r#"{"authorization_servers":["http://192.0.2.1:1/x\u001b[2J"]}"#);
    let file = ("GET", "200", r#"{"authorization_servers":["file:///etc/passwd\u001b[2J"]}"#);
    for (answers, expected) in [
        (&[METADATA, ("POST", "200", "eyJ\x1b]0;title\x07")][..], "sent no token"),
        (&[METADATA, ("POST", "200", "eyJ\r\nHost: x")], "sent no token"),
        (&[METADATA, ("POST", "302", "eyJ")], "HTTP status 302"),
        (&[elsewhere], "192.0.2.1:1 isn't this machine"),
        (&[file], "must begin with http://"),
    ] {
        let (url, served) = server(answers);
        let output = token(&url, "ada");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{expected}");
        assert!(error.contains(expected) && !error.contains('\x1b'), "{error:?}");
        served.join().unwrap();
    }
}
