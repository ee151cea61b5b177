use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
};

use outbound::Outbound;
use session::{
    Attempt, ReturnTo, SessionSecret, Sessions, SessionsConfig, SystemRandom, Unavailable,
};
use settings::Environment;

use crate::{
    contents::{contents, renewed},
    table::{Table, start},
};

#[tokio::test]
async fn a_table_that_does_not_answer_is_unavailable_and_comes_back_by_itself() {
    let table = Table::new().await;
    let sessions = table.sessions();
    let secret = sessions.create(&contents()).await.unwrap();
    let session = sessions.read(&secret).await.unwrap().unwrap();
    let attempt = Attempt::begin(&SystemRandom, start(), ReturnTo::home(), None);
    let (old, new) = (contents(), renewed("new"));
    table.store.pause().await;
    let (create, read, token, end, unchanged, lease, update, consume, warm) = tokio::join!(
        sessions.create(&old),
        sessions.read(&secret),
        sessions.access_token(&secret),
        sessions.end(&secret),
        sessions.end_unchanged(&session),
        sessions.lease(&secret),
        sessions.update(&secret, &session, &new),
        sessions.consume_attempt(attempt.state()),
        sessions.warm(),
    );
    let failures: [Option<Unavailable>; 9] = [
        create.err(),
        read.err(),
        token.err(),
        end.err(),
        unchanged.err(),
        lease.err(),
        update.err(),
        consume.err(),
        warm.err(),
    ];
    for failure in failures {
        let shown = failure.expect("the table was away").to_string();
        assert!(!shown.contains("the-refresh-token"), "{shown}");
    }
    table.store.resume().await.unwrap();
    assert!(sessions.read(&secret).await.unwrap().is_some());
}

/// The error ends up in a log, and the SDK's own text for one ends with the whole answer.
#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_nothing_of_the_row_in_the_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _request = stream.read(&mut [0; 16 * 1024]).unwrap();
        let body = r#"{"Item":{"sealed":{"B":"c2VhbGVk"}"#;
        let length = body.len();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    });
    let environment = Environment::of([
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_ENDPOINT_URL_DYNAMODB", &address),
        ("SESSIONS_TABLE", "sessions"),
    ]);
    let client = Outbound::from_environment(&environment).unwrap().dynamodb(&environment).unwrap();
    let config = SessionsConfig::from_environment(&environment).unwrap();
    let random = Arc::new(SystemRandom);
    let sessions = Sessions::new(client, config, Arc::new(auth::SystemClock), random);
    let error = sessions.read(&SessionSecret::generate(&SystemRandom)).await.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(shown.contains("parse"), "{shown}");
        assert!(!shown.contains("c2VhbGVk"), "{shown}");
    }
}
