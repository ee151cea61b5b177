//! An upstream that fails.

use test_support::LogCapture;
use tracing_subscriber::filter::LevelFilter;

use crate::harness::Proxy;

#[tokio::test]
async fn an_upstream_that_does_not_answer_in_time_is_a_504() {
    let proxy = Proxy::with([("UPSTREAM_TIMEOUT_SECONDS", "1")]).await;
    let token = proxy.token("ada");
    // No head at all, and half of a body.
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        proxy.upstream.next(answer);
        let call = proxy.call("POST", "/api/orders").bearer(&token).body("{}");
        assert_eq!(call.send().await.refusal(), (504, "upstream_timeout".to_owned()));
    }
    assert_eq!(proxy.upstream.received().len(), 2, "nothing is sent twice");
}

#[tokio::test]
async fn an_upstream_that_cannot_be_reached_or_understood_is_a_502() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for (index, answer) in [
        "x-cut",
        "SSH-2.0-x-cut\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx-cut: 1\r\ncontent-length: 9\r\n\r\nhalf",
        "HTTP/1.1 101 Switching Protocols\r\nx-cut: 1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx-cut: 1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nx-cut: 1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        for method in ["GET", "POST"] {
            proxy.upstream.next(answer);
            let refusal = proxy.call(method, "/api/orders").bearer(&token).send().await.refusal();
            assert_eq!(refusal, (502, "upstream_unavailable".to_owned()), "{method} {answer}");
        }
        assert_eq!(proxy.upstream.received().len(), 2 * (index + 1), "nothing is sent twice");
    }
    let proxy = Proxy::with([("UPSTREAMS", "/api/public http://127.0.0.1:1/secret")]).await;
    let log = LogCapture::start(LevelFilter::INFO);
    let answer = proxy.call("GET", "/api/public").query("code=c").send().await;
    assert_eq!(answer.refusal(), (502, "upstream_unavailable".to_owned()));
    let log = log.text();
    assert!(log.contains("upstream_unavailable") && !log.contains("code=c"), "{log}");
}

#[tokio::test]
async fn an_error_of_the_upstream_is_passed_on_as_it_is() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for status in [400, 401, 404, 409, 422, 429, 500, 503] {
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: text/plain\r\nretry-after: 5");
        proxy.upstream.next(format!("{head}\r\ncontent-length: 2\r\n\r\nno"));
        let answer = proxy.call("GET", "/api/orders").bearer(&token).send().await;
        assert_eq!((answer.0.status, &*answer.0.body), (status, &b"no"[..]));
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
}

/// Lambda takes 6 MB for the whole response, in base64.
#[tokio::test]
async fn a_response_that_does_not_fit_is_a_502_and_never_a_part_of_it() {
    const LONGEST: usize = 4_500_000;
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    let get = async |answer: Vec<u8>| {
        proxy.upstream.next(answer);
        proxy.call("GET", "/api/orders").bearer(&token).send().await
    };
    let sized = |length: usize| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        [head.into_bytes(), vec![b'\xff'; length]].concat()
    };
    let answer = get(sized(LONGEST)).await;
    assert_eq!((answer.0.status, answer.0.body.len()), (200, LONGEST));
    let too_large = (502, "response_too_large".to_owned());
    assert_eq!(get(sized(LONGEST + 1)).await.refusal(), too_large);
    // Without an announced length.
    let head = b"HTTP/1.1 200 OK\r\nx-cut: 1\r\n\r\n".to_vec();
    let answer = get([head, vec![b'a'; LONGEST + 1]].concat()).await;
    assert_eq!(answer.refusal(), too_large);
}
