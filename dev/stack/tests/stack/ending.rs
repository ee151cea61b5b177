use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use crate::process::Stack;

#[test]
fn ctrl_c_and_sigterm_end_it_with_zero() {
    for signal in ["INT", "TERM"] {
        let (code, output) = Stack::start(&["--memory"]).end(signal);
        assert_eq!(code, Some(0), "{signal}");
        assert!(output.contains("Stopping"), "{output}");
    }
}

#[test]
fn a_connection_that_says_nothing_does_not_keep_it_up() {
    let stack = Stack::start(&["--memory"]);
    let address = stack.url("").replace("http://localhost", "127.0.0.1");
    let mut used = TcpStream::connect(&address).unwrap();
    used.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    used.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    assert_ne!(used.read(&mut [0; 64]).unwrap(), 0);
    let _fresh = TcpStream::connect(&address).unwrap();
    assert_eq!(stack.end("INT").0, Some(0));
}
