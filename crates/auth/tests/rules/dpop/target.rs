//! RFC 9449, section 4.3: `htu` is the address of the request.

use http::{HeaderName, HeaderValue, Method, header::HOST};
use serde_json::json;

use super::{DpopHarness, HTU, PATH, fact, headers};

/// The verdict on a proof with this `htu` for a request with this path.
async fn check(dpop_harness: &DpopHarness, path: &str, htu: &str) -> Result<(), &'static str> {
    let token = dpop_harness.token();
    let proof = dpop_harness.proof_but(&token, json!({}), json!({"htu": htu}));
    let headers = headers(&format!("DPoP {token}"), &[&proof]);
    fact(dpop_harness.request(&Method::GET, path, &headers).await)
}

#[tokio::test]
async fn htu_has_the_scheme_host_port_and_path_of_the_request() {
    let dpop_harness = DpopHarness::new();
    for htu in [
        "http://api.example/todos/1",
        "https://other.example/todos/1",
        "https://api.example.other.example/todos/1",
        "https://api.example@other.example/todos/1",
        "https://me@api.example/todos/1",
        "https://me:secret@api.example/todos/1",
        "https://api.example:8443/todos/1",
        "https://api.example:80/todos/1",
        "https://api.example/todos/2",
        "https://api.example/todos/1/",
        "https://api.example/todos",
        "https://api.example//todos/1",
        "https://api.example/Todos/1",
        "https://api.example/v1/todos/1",
        "https://api.example/todos%2F1",
        "https://api.example/todos%252F1",
        "https://api.example/",
        "https://api.example",
        "//api.example/todos/1",
        "/todos/1",
        "api.example/todos/1",
        "wss://api.example/todos/1",
        "data:,https://api.example/todos/1",
        "\u{0}",
    ] {
        assert_eq!(dpop_harness.refused(json!({"htu": htu})).await, "proof_wrong_target", "{htu}");
    }
}

#[tokio::test]
async fn query_and_fragment_are_ignored() {
    let dpop_harness = DpopHarness::new();
    for end in ["?", "#", "?done=true", "#top", "?a=/b#c?d"] {
        assert_eq!(check(&dpop_harness, PATH, &format!("{HTU}{end}")).await, Ok(()), "{end}");
    }
}

#[tokio::test]
async fn htu_is_compared_after_normalization() {
    let dpop_harness = DpopHarness::new();
    for htu in [
        "HTTPS://API.EXAMPLE/todos/1",
        "https://api.example:443/todos/1",
        "https://api.example/%74odos/%31",
        "https://api.example/x/../todos/./1",
    ] {
        assert_eq!(check(&dpop_harness, PATH, htu).await, Ok(()), "{htu}");
    }
    assert_eq!(check(&dpop_harness, "/%74odos/1", HTU).await, Ok(()));
    assert_eq!(check(&dpop_harness, "/a%2fb", "https://api.example/a%2Fb").await, Ok(()));
    assert_eq!(check(&dpop_harness, "/", "https://api.example").await, Ok(()));
}

#[tokio::test]
async fn paths_that_are_not_the_same_stay_apart() {
    let dpop_harness = DpopHarness::new();
    for (path, htu) in [
        // Some parsers take a backslash for a slash; the router does not.
        ("/todos\\1", "https://api.example/todos/1"),
        ("/x\\..\\todos/1", "https://api.example/todos/1"),
        ("/todos/1", "https://api.example\\todos\\1"),
        // Nor are these part of any address, though some parsers skip them.
        ("/todos/1", " https://api.example/todos/1"),
        ("/todos/1", "https://api.example/to\ndos/1"),
        ("/todos/1", "https://api.example/\ttodos/1"),
        ("/to\ndos/1", "https://api.example/todos/1"),
        ("/todos/1\t", "https://api.example/todos/1"),
        ("/todos/1 ", "https://api.example/todos/1"),
        // What only looks like an escape is none.
        ("/%+f", "https://api.example/%0F"),
        ("/%+2", "https://api.example/%02"),
        ("/%", "https://api.example/%25"),
        ("//other.example/todos/1", "https://other.example/todos/1"),
        ("/a%3Fb", "https://api.example/a?b"),
        ("/a%23b", "https://api.example/a#b"),
    ] {
        assert_eq!(
            check(&dpop_harness, path, htu).await,
            Err("proof_wrong_target"),
            "{path} {htu}"
        );
    }
}

#[tokio::test]
async fn headers_have_no_say_in_the_address() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let forwarded = ["x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "forwarded"];
    for (htu, expected) in [
        ("https://other.example/todos/1", Err("proof_wrong_target")),
        ("http://api.example:80/todos/1", Err("proof_wrong_target")),
        (HTU, Ok(())),
    ] {
        let proof = dpop_harness.proof_but(&token, json!({}), json!({"htu": htu}));
        let mut headers = headers(&format!("DPoP {token}"), &[&proof]);
        headers.insert(HOST, HeaderValue::from_static("other.example"));
        for (name, value) in
            forwarded.into_iter().zip(["other.example", "http", "80", "host=other.example"])
        {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        assert_eq!(
            fact(dpop_harness.request(&Method::GET, PATH, &headers).await),
            expected,
            "{htu}"
        );
    }
}

#[tokio::test]
async fn attack_what_is_no_https_uri_names_nothing() {
    let dpop_harness = DpopHarness::new();
    let mut same = Vec::new();
    for htu in [
        "https:/api.example/todos/1",
        "https:api.example/todos/1",
        "https:///api.example/todos/1",
        "https:////api.example/todos/1",
        "https://\u{ff41}pi.example/todos/1",
        "https://api\u{3002}example/todos/1",
        "https://a\u{ad}pi.example/todos/1",
    ] {
        if check(&dpop_harness, PATH, htu).await.is_ok() {
            same.push(htu);
        }
    }
    assert!(same.is_empty(), "{same:#?}");
}

#[tokio::test]
async fn long_and_odd_targets_are_compared_after_normalization() {
    let dpop_harness = DpopHarness::new();
    let cjk: String = (0x4e00..0x4e00 + 2500).filter_map(char::from_u32).collect();
    for (name, htu) in [
        ("xn", format!("https://xn--{}/", "a".repeat(11000))),
        ("xn digits", format!("https://xn--{}-{}/", "a".repeat(5000), "9".repeat(5000))),
        ("cjk", format!("https://{cjk}/")),
        ("labels", format!("https://{}/", "xn--a.".repeat(1500))),
        ("dots", format!("https://api.example{}/todos/1", "/a/..".repeat(2000))),
        ("percent", format!("https://api.example/{}", "%41".repeat(3500))),
        ("combining", format!("https://a{}/", "\u{301}".repeat(4000))),
    ] {
        let same = name == "dots";
        assert_eq!(check(&dpop_harness, PATH, &htu).await.is_ok(), same, "{name}");
    }
}
