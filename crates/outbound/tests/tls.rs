//! TLS checks are on: only a certificate that is trusted, for that name and valid now will do.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
};

use outbound::{Outbound, Timeouts};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig, ServerConnection, Stream, crypto::aws_lc_rs, pki_types::PrivatePkcs8KeyDer,
};
use settings::Environment;
use tempfile::NamedTempFile;

/// A server with a certificate that it signed itself.
struct Server {
    url: String,
    /// The certificate, for `SSL_CERT_FILE`.
    certificate: NamedTempFile,
    /// What it could read of the requests that it was sent.
    requests: Receiver<String>,
}

fn server(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Server {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    change(&mut params);
    let made = params.self_signed(&key).unwrap();
    let certificate = NamedTempFile::new().unwrap();
    std::fs::write(certificate.path(), made.pem()).unwrap();

    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut tls = ServerConnection::new(config.clone()).unwrap();
            let mut stream = Stream::new(&mut tls, &mut connection);
            let mut request = [0; 4096];
            // A client that refuses the certificate sends nothing that could be read.
            let Ok(length) = stream.read(&mut request) else { continue };
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            let _asked = sender.send(text);
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
            let _gone = stream.write_all(answer);
        }
    });
    Server { url, certificate, requests }
}

/// What both clients get from the server; `trusting` it, or nobody but the bundled roots.
async fn ask(server: &Server, trusting: bool) -> Vec<Result<u16, reqwest::Error>> {
    let mut environment = Environment::default();
    if trusting {
        environment =
            environment.with("SSL_CERT_FILE", server.certificate.path().to_str().unwrap());
    }
    let outbound = Outbound::with_timeouts(&environment, Timeouts::NONE).unwrap();
    let mut answers = Vec::new();
    for client in [outbound.http().clone(), outbound.unpooled()] {
        let request = client.post(&server.url).body("a secret");
        answers.push(request.send().await.map(|answer| answer.status().as_u16()));
    }
    answers
}

async fn assert_refused(server: &Server, trusting: bool) {
    for answer in ask(server, trusting).await {
        assert!(answer.unwrap_err().is_connect());
    }
    assert_eq!(server.requests.try_iter().count(), 0, "nothing was sent");
}

#[tokio::test]
async fn tls_checks_are_on_a_certificate_of_nobody_that_is_trusted_is_refused() {
    assert_refused(&server("localhost", |_| ()), false).await;
}

#[tokio::test]
async fn tls_checks_are_on_a_certificate_for_another_name_is_refused() {
    assert_refused(&server("login.example", |_| ()), true).await;
}

#[tokio::test]
async fn tls_checks_are_on_a_certificate_that_is_over_or_still_to_come_is_refused() {
    let over = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    assert_refused(&server("localhost", over), true).await;
    let to_come = |params: &mut CertificateParams| params.not_before = date_time_ymd(4000, 1, 1);
    assert_refused(&server("localhost", to_come), true).await;
}

#[tokio::test]
async fn a_certificate_that_ssl_cert_file_names_is_trusted() {
    let server = server("localhost", |_| ());
    for answer in ask(&server, true).await {
        assert_eq!(answer.unwrap(), 200);
    }
    assert_eq!(server.requests.try_iter().count(), 2);
}
