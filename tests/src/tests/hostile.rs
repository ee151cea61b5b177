//! What no client would send.

use crate::{
    answer::Answer,
    api::{Api, path_of},
    test_context::TestContext,
    trial::trials,
    wire,
};
use anyhow::Result;
use reqwest::Method;
use url::form_urlencoded::byte_serialize;

trials! {
    whatever_path_is_asked_for_nothing_breaks
        tries "Paths and queries that decode to control bytes or nothing",
    whatever_is_written_nothing_breaks needs PlainHttp
        tries "Requests that are no HTTP, or two at once",
    whatever_bytes_are_written_nothing_breaks needs Bytes
        tries "Bytes that are no UTF-8 in paths and headers",
    a_request_that_cannot_be_parsed_is_a_400 needs Bytes
        tries "Requests that API Gateway hands over and a parser refuses",
    headers_of_the_request_do_not_become_the_origin needs PlainHttp
        tries "Host and X-Forwarded-Host of another site",
    no_spelling_of_a_path_gets_around_the_credentials needs PlainHttp
        tries "The API by paths with dots, doubled slashes, encodings and other cases",
    nothing_replaces_the_method
        tries "Method override headers and parameters",
    no_answer_repeats_what_was_asked_for
        tries "Markup in paths, parameters and headers, to see it in a response",
}

async fn whatever_path_is_asked_for_nothing_breaks(test: &TestContext) -> Result<()> {
    for path in [
        "/api/todos/%20x",
        "/api/todos/%00",
        "/api/todos/%ff%fe",
        "/api/todos/%E2%80%AE",
        "/api/todos/..%2f..%2fsignout",
        "/api/todos?limit=1&limit=2",
        "/api/todos?%00=%00",
        "/api/todos?cursor=%ff",
        "/%",
        "/%zz",
        "/%2e%2e/%2e%2e",
        "/signin?return_to=%ff%00",
        "/callback?code=%ff&state=%ff",
        "/session?x=%ff",
        "/assets/%00",
        "/assets/%ff",
        "/?%ff",
    ] {
        let answer = Answer::to(test.client.get(path)).await?;
        assert!(answer.status < 500, "{path}: {answer:?}");
    }
    Ok(())
}

async fn whatever_is_written_nothing_breaks(test: &TestContext) -> Result<()> {
    let get = |path: &[u8]| get(test, path);
    let with = |line: &[u8]| with(test, line);
    nothing_breaks(
        test,
        &[
            get(b"/\\"),
            get(b"/api/todos/{x}"),
            get(b"/a?b=<>\"`{}|^"),
            get(b"*"),
            get(b"http://evil.example/api/todos"),
            with(b"Authorization: Bearer a\r\nAuthorization: Bearer b"),
            with(b"Content-Length: 0\r\nTransfer-Encoding: chunked"),
            b"GET / HTTP/1.1".to_vec(),
            b"NONSENSE".to_vec(),
            b"PROPFIND /api/todos HTTP/1.1\r\nHost: x".to_vec(),
            b"TRACE / HTTP/1.1\r\nHost: x".to_vec(),
        ],
    )
    .await
}

async fn whatever_bytes_are_written_nothing_breaks(test: &TestContext) -> Result<()> {
    let get = |path: &[u8]| get(test, path);
    let with = |line: &[u8]| with(test, line);
    nothing_breaks(
        test,
        &[
            get(b"/api/todos/\xc3\xa4"),
            get(b"/api/todos/\xff"),
            with(b"Cookie: __Host-session=\xff\xfe"),
            with(b"Cookie: \x80"),
            with(b"Authorization: Bearer \xff"),
            with(b"Idempotency-Key: \xff"),
            with(b"If-Match: \xff"),
            with(b"Origin: \xff"),
        ],
    )
    .await
}

async fn a_request_that_cannot_be_parsed_is_a_400(test: &TestContext) -> Result<()> {
    for head in [
        with(test, b"X-Control: \x01"),
        with(test, b"X-Control: \x7f"),
        with(test, b"X y: a"),
        with(test, b": a"),
        with(test, b"X-\xe4: a"),
        b"G\x7fT / HTTP/1.1\r\nHost: x".to_vec(),
        b"NONSENSE".to_vec(),
        vec![0xff; 200],
    ] {
        let status = wire::send(test.target(), &head).await?;
        assert_eq!(status, Some(400), "{}", String::from_utf8_lossy(&head));
        Answer::to(test.client.get("/session")).await?.is(200);
    }
    Ok(())
}

async fn no_spelling_of_a_path_gets_around_the_credentials(test: &TestContext) -> Result<()> {
    for path in [
        "//api/todos",
        "/api//todos",
        "/api/todos/",
        "/api/todos/.",
        "/api/./todos",
        "/API/todos",
        "/Api/Todos",
        "/%61pi/todos",
        "/api%2ftodos",
        "/api/todos%2f",
        "/api/todos%00",
        "/api/todos%20",
        "/api/todos;jsessionid=1",
        "/api/todos.json",
        "/x/../api/todos",
        "/assets/../api/todos",
        "/assets/..%2fapi%2ftodos",
        "/assets/..;/api/todos",
        "/api/openapi.json/../todos",
        "/api/openapi.json/..%2ftodos",
        "/.well-known/oauth-protected-resource/../../api/todos",
    ] {
        let status = wire::send(test.target(), &get(test, path.as_bytes())).await?;
        // A router of another make may redirect to the usual spelling.
        let lowest = if test.target().own_routing { 300 } else { 400 };
        assert!(status.is_none_or(|status| (lowest..500).contains(&status)), "{path}: {status:?}");
    }
    Ok(())
}

async fn nothing_replaces_the_method(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let path = path_of(&daemon.make("still there").await?);
    for name in ["x-http-method-override", "x-http-method", "x-method-override", "_method"] {
        Answer::to(daemon.get(&path).header(name, "DELETE")).await?.is(200);
        let query = format!("{path}?{name}=DELETE");
        Answer::to(daemon.get(&query)).await?;
        let form = daemon.request(Method::POST, &query).body(format!("{name}=DELETE"));
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        Answer::to(form.header(name, "DELETE")).await?.problem(405);
        let signout = Answer::to(test.client.get("/signout").header(name, "POST")).await?;
        assert!((400..500).contains(&signout.status), "{name}: {signout:?}");
    }
    Answer::to(daemon.get(&path)).await?.is(200);
    Ok(())
}

async fn no_answer_repeats_what_was_asked_for(test: &TestContext) -> Result<()> {
    const MARK: &str = "zq9<b>jx";
    let mark: String = byte_serialize(MARK.as_bytes()).collect();
    for path in [
        format!("/{mark}"),
        format!("/nothing?x={mark}"),
        format!("/assets/{mark}"),
        format!("/api/{mark}"),
        format!("/api/todos/{mark}"),
        format!("/api/todos?limit={mark}"),
        format!("/sessions/{mark}"),
        format!("/signin?prompt={mark}&max_age={mark}"),
        format!("/signin?iss={mark}"),
        format!("/signin/pushed?state={mark}"),
        format!("/callback?code={mark}&state={mark}&iss={mark}"),
        format!("/callback?error={mark}&error_description={mark}&state=s"),
        format!("/frontchannel-logout?iss={mark}&sid={mark}"),
        format!("/signedout?state={mark}"),
    ] {
        for accept in ["text/html", "application/json"] {
            let request = test.client.get(&path).header("accept", accept);
            let request = request.header("user-agent", MARK).header("referer", MARK);
            let answer = Answer::to(request.header("accept-language", MARK)).await?;
            assert!(!answer.body.contains("zq9"), "{answer:?}");
        }
    }
    Ok(())
}

fn get(test: &TestContext, path: &[u8]) -> Vec<u8> {
    let host = test.target().origin().replace("http://", "");
    [b"GET ", path, b" HTTP/1.1\r\nHost: ", host.as_bytes()].concat()
}

fn with(test: &TestContext, line: &[u8]) -> Vec<u8> {
    [&get(test, b"/api/todos")[..], b"\r\n", line].concat()
}

async fn nothing_breaks(test: &TestContext, heads: &[Vec<u8>]) -> Result<()> {
    for head in heads {
        let status = wire::send(test.target(), head).await?;
        let head = String::from_utf8_lossy(head).into_owned();
        assert!(status.is_none_or(|status| status < 500), "{head}: {status:?}");
        Answer::to(test.client.get("/session")).await?.is(200);
    }
    Ok(())
}

async fn headers_of_the_request_do_not_become_the_origin(test: &TestContext) -> Result<()> {
    let origin = test.target().origin();
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("forwarded", "host=evil.example"),
        ("x-original-url", "/evil"),
        ("host", "evil.example"),
    ] {
        let answer = Answer::to(test.client.get("/signin").header(name, value)).await?;
        assert!(!answer.header("location").contains("evil"), "{name}: {answer:?}");
        let answer = Answer::to(test.client.get("/api/todos").header(name, value)).await?;
        let challenge = answer.header("www-authenticate");
        assert!(challenge.is_empty() || challenge.contains(&origin), "{name}: {answer:?}");
    }
    Ok(())
}
