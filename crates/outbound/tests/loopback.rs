//! What leaves a function, seen from the other side of a loopback connection.
#![cfg(all(feature = "dynamodb", feature = "lambda", feature = "secrets"))]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc,
};

use aws_sdk_dynamodb::types::AttributeValue;
use outbound::{DynamoDbError, Outbound, SecretError, Timeouts};
use settings::Environment;

/// A server that gives these answers, one for each request, and then is gone. What it was asked
/// can be read from the channel.
fn server<A: AsRef<[u8]> + Send + 'static>(answers: Vec<A>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 16 * 1024];
            let length = stream.read(&mut request).unwrap();
            sender.send(String::from_utf8_lossy(&request[..length]).into_owned()).unwrap();
            stream.write_all(answer.as_ref()).unwrap();
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

/// The result of reading an item from a server with these responses, and the number of requests.
async fn item(responses: Vec<String>) -> (Result<String, DynamoDbError>, usize) {
    let (address, asked) = server(responses);
    let outbound = Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap();
    let client = outbound.dynamodb(&environment(&address)).unwrap();
    let key = AttributeValue::S("1".to_owned());
    let result = client.get_item().table_name("t").key("id", key).send().await;
    let text = |item: HashMap<String, AttributeValue>| item["text"].as_s().unwrap().clone();
    let result = result.map(|output| output.item.map_or_else(String::new, text));
    (result.map_err(DynamoDbError::from), asked.try_iter().count())
}

const ITEM: &str = r#"{"Item":{"text":{"S":"sound"}}}"#;
/// The same number of bytes, and JSON.
const OTHER_ITEM: &str = r#"{"Item":{"text":{"S":"sours"}}}"#;
const CONDITION: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#;

fn response(status: &str, body: &str, crc32: Option<u32>) -> String {
    let crc32 = crc32.map(|crc32| format!("x-amz-crc32: {crc32}\r\n")).unwrap_or_default();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{crc32}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// As DynamoDB sends it, with the checksum of what it meant to send.
fn sent(status: &str, arrived: &str, meant: &str) -> String {
    response(status, arrived, Some(crc32fast::hash(meant.as_bytes())))
}

#[tokio::test]
async fn a_response_with_its_checksum_or_with_none_is_taken() {
    for sound in [sent("200 OK", ITEM, ITEM), response("200 OK", ITEM, None)] {
        assert_eq!(item(vec![sound]).await, (Ok("sound".to_owned()), 1));
    }
}

#[tokio::test]
async fn a_damaged_response_is_asked_for_again() {
    let sound = sent("200 OK", ITEM, ITEM);
    for damaged in [
        sent("200 OK", OTHER_ITEM, ITEM),
        sent("200 OK", &ITEM[..20], ITEM),
        sent("200 OK", "", ITEM),
        sent("400 Bad Request", &CONDITION[..20], CONDITION),
        sent("200 OK", ITEM, ITEM).replace("x-amz-crc32: ", "x-amz-crc32: x"),
        // Without a checksum, the damage shows when the body is parsed.
        response("200 OK", &ITEM[..20], None),
        response("200 OK", "<html>", None),
    ] {
        let result = item(vec![damaged.clone(), sound.clone()]).await;
        assert_eq!(result, (Ok("sound".to_owned()), 2), "{damaged}");
    }
}

#[tokio::test]
async fn dynamodb_is_unavailable_if_each_response_is_damaged() {
    for (damaged, requests) in [
        (sent("200 OK", OTHER_ITEM, ITEM), 3),
        (sent("400 Bad Request", &CONDITION[..20], CONDITION), 3),
        (response("200 OK", &ITEM[..20], None), 3),
        (response("400 Bad Request", &CONDITION[..20], None), 1),
    ] {
        let (result, count) = item(vec![damaged.clone(); 3]).await;
        let error = result.unwrap_err();
        assert!(matches!(error, DynamoDbError::Unavailable(_)), "{damaged}: {error}");
        assert!(!error.to_string().contains("sour"), "{error}");
        assert_eq!(count, requests, "{damaged}");
    }
}

#[tokio::test]
async fn an_error_of_dynamodb_stays_what_it_is() {
    let (result, count) = item(vec![sent("400 Bad Request", CONDITION, CONDITION)]).await;
    assert!(matches!(result, Err(DynamoDbError::Rejected(_))), "{result:?}");
    assert_eq!(count, 1);
}

/// AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
#[tokio::test]
async fn a_service_has_its_own_endpoint_or_else_the_common_one() {
    let outbound = Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap();
    let common = |address: &str| {
        let own = ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_DYNAMODB"];
        let environment = own.into_iter().fold(environment(address), Environment::without);
        environment.with("AWS_ENDPOINT_URL", address)
    };
    let (address, _asked) = server(vec![FOUND]);
    assert_eq!(outbound.secret(&common(&address), "arn:secret").await.unwrap(), "s3cr3t");

    let (address, asked) = server(vec![response("200 OK", "{}", None)]);
    let client = outbound.dynamodb(&common(&address)).unwrap();
    let key = AttributeValue::S("1".to_owned());
    client.get_item().table_name("t").key("id", key).send().await.unwrap();
    assert_eq!(asked.try_iter().count(), 1);

    let (address, asked) = server(vec![response("202 Accepted", "", None)]);
    let function = outbound.lambda_function(&common(&address), "keys".to_owned()).unwrap();
    function.invoke_asynchronously().await.unwrap();
    assert_eq!(asked.try_iter().count(), 1);

    // Its own one first, and an empty one counts as unset, as everywhere.
    let (address, _asked) = server(vec![FOUND]);
    let both = environment(&address).with("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    assert_eq!(outbound.secret(&both, "arn:secret").await.unwrap(), "s3cr3t");
    let (address, _asked) = server(vec![FOUND]);
    let empty = common(&address).with("AWS_ENDPOINT_URL_SECRETS_MANAGER", "");
    assert_eq!(outbound.secret(&empty, "arn:secret").await.unwrap(), "s3cr3t");
}
