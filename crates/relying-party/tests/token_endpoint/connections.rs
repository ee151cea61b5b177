//! What is sent again, and what never is.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
};

use relying_party::{Endpoints, TokenEndpointError, TransportError};
use serde_json::json;
use test_support::{Endpoint, MockResponse};

use crate::harness::Fixture;

fn assert_connection_broke(error: &TokenEndpointError) {
    assert!(matches!(error, TokenEndpointError::Transient(TransportError::Connection)), "{error}");
}

#[tokio::test]
async fn a_request_that_may_have_arrived_is_never_sent_again() {
    let fixture = Fixture::new();
    let tokens = fixture.provider.tokens().answer();
    for broken in [MockResponse::hang_up(), tokens.clone().cut()] {
        for used_before in [false, true] {
            fixture.provider.behave(Endpoint::Token);
            if used_before {
                fixture.provider.next(Endpoint::Token, tokens.clone());
                fixture.redeem().await.unwrap();
            }
            let before = fixture.provider.received(Endpoint::Token).len();
            fixture.provider.always(Endpoint::Token, broken.clone());
            assert_connection_broke(&fixture.redeem().await.unwrap_err());
            assert_connection_broke(
                &fixture.client.refresh(&fixture.endpoints, "rt", None, None).await.unwrap_err(),
            );
            assert_eq!(fixture.provider.received(Endpoint::Token).len(), before + 2);
        }
    }
}

#[tokio::test]
async fn a_connection_that_could_not_be_made_is_tried_once_more() {
    // Where TLS is expected and a connection is closed instead, no request was sent.
    let (port, connections) = server(|_| ());
    let endpoints = endpoints(&format!("https://localhost:{port}/token"));
    let error = Fixture::new().client.refresh(&endpoints, "rt", None, None).await.unwrap_err();
    assert_connection_broke(&error);
    assert_eq!(connections.try_iter().count(), 2);
}

/// An instance is frozen between two requests, and its connections are closed from the other side
/// meanwhile. Nothing in it has noticed when the next request begins.
#[tokio::test]
async fn a_connection_that_was_closed_while_frozen_fails_no_sign_in() {
    let (close, told_to_close) = mpsc::channel();
    let (port, closed) = server(move |connection| {
        let mut request = [0; 4096];
        let mut length = 0;
        while !String::from_utf8_lossy(&request[..length]).contains("refresh_token=rt") {
            length += connection.read(&mut request[length..]).unwrap();
        }
        let body = json!({ "access_token": "at", "token_type": "Bearer" }).to_string();
        let length = body.len();
        // Without `connection: close`: the client may think that it stays open.
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
        told_to_close.recv().unwrap_or_default();
    });
    let endpoints = endpoints(&format!("http://localhost:{port}/token"));
    let fixture = Fixture::new();
    for _ in 0..5 {
        fixture.client.refresh(&endpoints, "rt", None, None).await.unwrap();
        // Whatever keeps connections has put this one away by then.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        // The freeze: it blocks the thread, and with it every task of this runtime.
        close.send(()).unwrap();
        closed.recv().unwrap();
    }
}

fn endpoints(token: &str) -> Endpoints {
    let document = json!({ "issuer": "http://localhost", "token_endpoint": token });
    Endpoints::of(document.as_object().unwrap())
}

/// A server that closes each connection when it has done this with it, and then says so.
fn server(each: impl Fn(&mut TcpStream) + Send + 'static) -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, closed) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            each(&mut connection);
            drop(connection);
            if sender.send(()).is_err() {
                break;
            }
        }
    });
    (port, closed)
}
