//! TOKENS: the limits of a fetch, against a server on the loopback.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use oidc_resource_server::{Fetch, FetchError, FetchRequest, Fetched, HttpFetch};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

/// Serves these answers, one a connection, the last for good. An empty answer
/// closes the connection.
async fn server(answers: Vec<Vec<u8>>) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap()).parse().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let at = counter.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let answer = answers[at].clone();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    (url, connections)
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([])
        .no_proxy()
        .pool_max_idle_per_host(0);
    client.build().unwrap()
}

/// Without a time limit that a busy machine could reach.
fn fetcher() -> HttpFetch {
    HttpFetch::new(client()).with_time_limit(Duration::from_hours(1))
}

#[tokio::test]
async fn a_document_comes_with_its_max_age() {
    let (url, _) = server(vec![ok("cache-control: private, max-age=600\r\n", b"{}")]).await;
    let fetched = fetcher().fetch(FetchRequest::new(&url)).await.unwrap();
    let max_age = Some(Duration::from_mins(10));
    assert_eq!(fetched, Fetched { body: b"{}".to_vec(), max_age, ..Fetched::default() });
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more() {
    let (url, connections) = server(vec![vec![], ok("", b"{}")]).await;
    assert!(fetcher().fetch(FetchRequest::new(&url)).await.is_ok());
    assert_eq!(connections.load(Ordering::SeqCst), 2);

    let (url, connections) = server(vec![vec![]]).await;
    assert!(matches!(
        fetcher().fetch(FetchRequest::new(&url)).await,
        Err(FetchError::Connection { .. })
    ));
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn redirects_and_errors_are_not_followed_nor_repeated() {
    for head in [
        "302 Found\r\nlocation: /other",
        "404 Not Found",
        "500 Oops",
        "204 No Content",
        "304 Not Modified",
    ] {
        let (url, connections) =
            server(vec![format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n").into()]).await;
        let status = head[..3].parse().unwrap();
        assert_eq!(
            fetcher().fetch(FetchRequest::new(&url)).await,
            Err(FetchError::Status { host: "127.0.0.1".into(), status })
        );
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_client_that_follows_redirects_is_refused() {
    let (target, _) = server(vec![ok("", b"{}")]).await;
    let (url, _) = server(vec![
        format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n").into(),
    ])
    .await;
    fetcher();
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    assert!(matches!(
        HttpFetch::new(client).fetch(FetchRequest::new(&url)).await,
        Err(FetchError::Status { .. })
    ));
}

#[tokio::test]
async fn at_most_512_kib_are_read() {
    let limit = 512 * 1024;
    let (url, _) = server(vec![ok("", &vec![b' '; limit])]).await;
    assert_eq!(fetcher().fetch(FetchRequest::new(&url)).await.unwrap().body.len(), limit);
    let (url, _) = server(vec![ok("", &vec![b' '; limit + 1])]).await;
    assert_eq!(
        fetcher().fetch(FetchRequest::new(&url)).await,
        Err(FetchError::TooLarge { host: "127.0.0.1".into(), limit })
    );
}

/// With tokio's clock, which jumps to the limit as soon as everything waits.
#[tokio::test(start_paused = true)]
async fn a_fetch_times_out_after_2_seconds() {
    let endless = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(&endless).await.unwrap();
        std::future::pending::<()>().await;
    });
    let limit = Duration::from_secs(2);
    let begun = tokio::time::Instant::now();
    assert_eq!(
        HttpFetch::new(client()).fetch(FetchRequest::new(&url)).await,
        Err(FetchError::Timeout { host: "127.0.0.1".into(), limit })
    );
    assert_eq!(begun.elapsed(), limit);
}
