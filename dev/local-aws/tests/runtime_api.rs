//! The Runtime API, for functions on this machine only.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use local_aws::RuntimeApi;

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_cannot_reach_the_runtime_api() {
    let api = RuntimeApi::start().await.unwrap();
    for (headers, status) in [
        ("Host: 127.0.0.1:9000", "202"),
        ("Host: evil.example", "421"),
        ("Host: localhost\r\nOrigin: http://localhost:3000", "403"),
        ("Host: localhost\r\nSec-Fetch-Site: cross-site", "403"),
    ] {
        let mut stream = TcpStream::connect(api.address()).unwrap();
        let line = "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1";
        let rest = "Connection: close\r\nContent-Length: 2\r\n\r\n{}";
        write!(stream, "{line}\r\n{headers}\r\n{rest}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.get(9..12), Some(status), "{headers}");
    }
}
