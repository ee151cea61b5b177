//! What leaves a function, seen from the other side of a loopback connection.
#![cfg(all(feature = "dynamodb", feature = "secrets"))]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc,
};

use outbound::{Outbound, SecretError, Timeouts};
use settings::Environment;

/// A server that gives these answers, one for each request, and then is gone. What it was asked
/// can be read from the channel.
fn server(answers: Vec<&'static str>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 16 * 1024];
            let length = stream.read(&mut request).unwrap();
            sender.send(String::from_utf8_lossy(&request[..length]).into_owned()).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, asked)
}

fn environment(address: &str) -> Environment {
    Environment::of([
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", address),
        ("AWS_ENDPOINT_URL_DYNAMODB", address),
    ])
}

async fn secret(answers: Vec<&'static str>) -> (Result<String, SecretError>, Vec<String>) {
    let (address, asked) = server(answers);
    let outbound = Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap();
    let result = outbound.secret(&environment(&address), "arn:secret").await;
    (result, asked.try_iter().collect())
}

const FOUND: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 25\r\n\r\n{\"SecretString\":\"s3cr3t\"}";
const BROKEN: &str = "HTTP/1.1 500 Broken\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
const BINARY: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 27\r\n\r\n{\"SecretBinary\":\"czNjcg==\"}";
const DENIED: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 65\r\n\r\n\
                      {\"__type\":\"AccessDeniedException\",\"message\":\"not authorized now\"}";
const CUT_OFF: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 24\r\n\r\n{\"SecretString\":\"s3cr3t\"";
const MOVED: &str = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\n\
                     content-length: 0\r\n\r\n";

#[tokio::test]
async fn a_secret_is_read_with_a_signed_request() {
    let (result, asked) = secret(vec![FOUND]).await;
    assert_eq!(result.unwrap(), "s3cr3t");
    assert!(asked[0].contains("x-amz-target: secretsmanager.GetSecretValue"), "{}", asked[0]);
    assert!(asked[0].contains("authorization: AWS4-HMAC-SHA256 Credential=id/"), "{}", asked[0]);
}

#[tokio::test]
async fn a_server_error_is_tried_again() {
    let (result, asked) = secret(vec![BROKEN, FOUND]).await;
    assert_eq!(result.unwrap(), "s3cr3t");
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn a_lost_connection_is_tried_again() {
    let (result, asked) = secret(vec!["", FOUND]).await;
    assert_eq!(result.unwrap(), "s3cr3t");
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn a_refusal_names_the_secret_and_the_reason() {
    let (result, asked) = secret(vec![DENIED]).await;
    let error = result.unwrap_err().to_string();
    assert!(error.contains("arn:secret") && error.contains("not authorized now"), "{error}");
    assert_eq!(asked.len(), 1, "what is refused is not asked again");
}

/// The error ends up in a log, and the SDK's own text for one ends with the whole answer.
#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_no_secret_in_the_error() {
    let (result, _) = secret(vec![CUT_OFF]).await;
    let error = result.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(shown.contains("arn:secret"), "{shown}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}

#[tokio::test]
async fn a_binary_secret_is_refused_with_what_to_do() {
    let (result, _) = secret(vec![BINARY]).await;
    assert!(matches!(result, Err(SecretError::NotText(_))), "{result:?}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_never_followed() {
    let (address, _asked) = server(vec![MOVED]);
    let outbound = Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap();
    let response = outbound.http().get(address).send().await.unwrap();
    assert_eq!(response.status(), 302);
}

#[tokio::test]
async fn aws_settings_that_are_missing_are_named() {
    let outbound = Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap();
    for variable in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        let environment = environment("http://localhost:1").without(variable);
        assert_eq!(outbound.dynamodb(&environment).unwrap_err().names(), [variable]);
    }
}
