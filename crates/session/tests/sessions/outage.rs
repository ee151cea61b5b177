use std::{
    io::{Read, Write},
    net::TcpListener,
};

use session::{ReturnTo, SessionSecret, SignInTransaction, StoreError, SystemRandom};

use crate::{
    contents::{contents, renewed},
    sign_in::{ISSUER, provider_session, sign_in, signed_in, user},
    table::{Table, start},
};

#[tokio::test]
async fn a_table_that_does_not_answer_is_unavailable_and_comes_back_by_itself() {
    let (table, sessions, secret) = signed_in().await;
    let session = sessions.read(&secret).await.unwrap().unwrap();
    let transaction = SignInTransaction::begin(&SystemRandom, start(), ReturnTo::home(), None);
    let (old, new, sign_in) = (contents(), renewed("new"), sign_in());
    let sid = provider_session("first");
    table.store.pause().await;
    let (create, read, end, unchanged, lease, update, consume, warm) = tokio::join!(
        sessions.create(&old, &sign_in),
        sessions.read(&secret),
        sessions.end(&secret),
        sessions.end_unchanged(&session),
        sessions.lease(&secret),
        sessions.update(&secret, &session, &new),
        sessions.consume_transaction(transaction.state()),
        sessions.warm(),
    );
    let failures: [Option<StoreError>; 8] = [
        create.err(),
        read.err(),
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
    let ada = user("ada");
    let (list, end_listed, end_user, end_sid, seen, remember) = tokio::join!(
        sessions.list(&ada),
        sessions.end_listed(&ada, session.id()),
        sessions.end_user(&ada, start()),
        sessions.end_provider_session(&sid, session::BlockedSignIns::All),
        sessions.logout_token_seen(ISSUER, "jti"),
        sessions.remember_logout_token(ISSUER, "jti", start()),
    );
    let failed = [
        list.is_err(),
        end_listed.is_err(),
        end_user.is_err(),
        end_sid.is_err(),
        seen.is_err(),
        remember.is_err(),
    ];
    assert_eq!(failed, [true; 6], "a failure of the table is never a success");
    table.store.resume().await.unwrap();
    assert!(sessions.read(&secret).await.unwrap().is_some());
}

/// The error ends up in a log, and the SDK's own text for one ends with the whole answer.
#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_nothing_of_the_row_in_the_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // The request is repeated, and each attempt gets this answer.
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _request = stream.read(&mut [0; 16 * 1024]).unwrap();
            let body = r#"{"Item":{"sealed":{"B":"c2VhbGVk"}"#;
            let head = format!("content-length: {}\r\nconnection: close", body.len());
            write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").unwrap();
        }
    });
    let sessions = Table::sessions_at(&address);
    let error = sessions.read(&SessionSecret::generate(&SystemRandom)).await.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(shown.contains("parse"), "{shown}");
        assert!(!shown.contains("c2VhbGVk"), "{shown}");
    }
}
