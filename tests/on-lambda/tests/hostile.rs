//! What an HTTP API hands over is what anybody sent: a function answers it, with
//! no 5xx, and lives on.

use anyhow::Result;
use on_lambda::{Event, Function, Machine};
use serde_json::json;

const FUNCTIONS: [(&str, &str); 4] = [
    ("signin", "/signin"),
    ("callback", "/callback"),
    ("web", "/session"),
    ("todos", "/api/todos"),
];

/// Sends the events that `make` makes of a function's own path, and a good one at the end.
async fn check(make: impl Fn(&str) -> Vec<Event>) -> Result<()> {
    let machine = Machine::start().await?;
    for (name, path) in FUNCTIONS {
        let mut function = Function::start(name, &machine).await?;
        for event in make(path) {
            let answer = function.invoke(event.clone()).await?;
            assert!(answer.status < 500, "{name}: {event:?}: {answer:?}");
            assert!(answer.status >= 200, "{name}: {event:?}: {answer:?}");
        }
        assert!(function.lives(), "{name} ended");
        let good = function.invoke(Event::get(path)).await?;
        assert!(good.status < 500, "{name}: {good:?}");
    }
    Ok(())
}

#[tokio::test]
async fn no_path_breaks_a_function() -> Result<()> {
    let paths = [
        "",
        "/",
        "//",
        "/%",
        "/%zz",
        "/%00",
        "no slash",
        " ",
        "/ ",
        "/\u{0}",
        "/ä",
        "/\u{202e}",
        "/🛒",
        "/\\..\\..",
        "/../..",
        "/?x#y",
        "/#",
        "/[::1]",
        "http://evil.example/",
        "//evil.example/",
        "/\r\nSet-Cookie: a=b",
        "/\t",
        "/\u{7f}",
        "/\u{ffff}",
    ];
    check(|own| {
        let below = paths.iter().map(|path| format!("{own}/{path}"));
        let joined = paths.iter().map(|path| format!("{own}{path}"));
        let plain = paths.iter().map(ToString::to_string);
        let all = plain.chain(below).chain(joined).chain(["/".repeat(5000), "/a".repeat(5000)]);
        all.map(|path| Event::get(&path)).collect()
    })
    .await
}

#[tokio::test]
async fn no_query_breaks_a_function() -> Result<()> {
    let queries = [
        "&",
        "=",
        "&&==&",
        "%",
        "%zz",
        "%00=%00",
        "%ff=%fe",
        "a=\u{0}",
        "a=ä",
        "a= b",
        "a=<>\"`{}|\\^",
        "a#b",
        "state=a&state=b",
        "code=%00&state=%ff",
        "return_to=%",
        "return_to=%ff%fe",
        "limit=%00",
        "limit=1&limit=2",
        "cursor=%ff",
        "\r\n",
        "🛒",
    ];
    check(|own| {
        let long = "a=b&".repeat(5000);
        let queries = queries.iter().copied().chain([long.as_str()]);
        queries.map(|query| Event::get(own).query(query)).collect()
    })
    .await
}

#[tokio::test]
async fn no_header_and_no_cookie_breaks_a_function() -> Result<()> {
    let values = ["", " ", "a", ",", ";", "=", "\"", "ä", "🛒", "a\tb", &"a".repeat(9000)];
    let names = [
        "authorization",
        "content-type",
        "content-length",
        "host",
        "idempotency-key",
        "if-match",
        "origin",
        "sec-fetch-site",
        "sec-purpose",
        "x-csrf",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-amzn-trace-id",
        "cookie",
    ];
    check(|own| {
        let mut events = Vec::new();
        for value in values {
            events.extend(names.map(|name| Event::get(own).header(name, value)));
            events.push(Event::get(own).cookies(&[value.to_owned()]));
            for cookie in ["__Host-session", "__Host-signin-x"] {
                events.push(Event::get(own).cookies(&[format!("{cookie}={value}")]));
            }
        }
        let many: Vec<_> = (0..200).map(|number| format!("c{number}=x")).collect();
        events.push(Event::get(own).cookies(&many));
        events
    })
    .await
}

#[tokio::test]
async fn no_method_and_no_body_breaks_a_function() -> Result<()> {
    check(|own| {
        let mut events = Vec::new();
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND"] {
            events.push(Event::new(method, own));
            events.push(Event::new(method, own).json(&json!(null)));
            events.push(Event::new(method, own).base64("application/json", b"\xff\xfe\x00"));
            events.push(Event::new(method, own).base64("text/plain", &vec![0; 300_000]));
        }
        events
    })
    .await
}

/// A release build ends at a panic, so one such event would end the instance.
#[tokio::test]
async fn an_event_that_cannot_be_parsed_is_a_400() -> Result<()> {
    let machine = Machine::start().await?;
    for (name, path) in FUNCTIONS {
        let mut function = Function::start(name, &machine).await?;
        let base64 = |body: &str| {
            let post = Event::new("POST", path).header("content-type", "application/json");
            post.member("/body", json!(body)).member("/isBase64Encoded", json!(true))
        };
        for event in [
            Event::new("GE T", path),
            Event::new("GET\r\nHost: evil.example", path),
            Event::new("\u{7f}", path),
            Event::new("ä", path),
            // Without it, the request would be another one.
            Event::get(path).header("authorization", "Bearer a\u{7f}"),
            Event::get(path).header("if-match", "\u{0}"),
            Event::get(path).header("origin", "a\r\nb: c"),
            base64("not base64!"),
            base64("YQ="),
            base64("\u{0}"),
            Event::get(path).member("/body", json!({ "a": 1 })),
            Event::get(path).member("/cookies", json!("a=b")),
            Event::get(path).member("/headers", json!(["a"])),
            Event::get(path).member("/rawPath", json!(7)),
            Event::get(path).query(&"a".repeat(70_000)),
            Event::get(&"/ä".repeat(20_000)),
        ] {
            let answer = function.invoke(event).await?;
            assert_eq!(answer.status, 400, "{name}: {answer:?}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
        assert!(function.lives(), "{name} ended");
        assert!(function.invoke(Event::get(path)).await?.status < 500, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_header_that_cannot_be_one_is_dropped() -> Result<()> {
    let machine = Machine::start().await?;
    for (name, path) in FUNCTIONS {
        let mut function = Function::start(name, &machine).await?;
        let good = function.invoke(Event::get(path)).await?;
        let content_type = good.header("content-type");
        for event in [
            Event::get(path).header("x-control", "\u{7f}"),
            Event::get(path).header("x-control", "a\r\nb: c"),
            Event::get(path).header("cookie", "\u{0}"),
            Event::get(path).header("", "a"),
            Event::get(path).header("x y", "a"),
            Event::get(path).header("x\r\ny", "a"),
            Event::get(path).header("ä", "a"),
            Event::get(path).cookies(&["a=\u{1}".to_owned(), "b=c".to_owned()]),
            Event::get(path).member("/headers", json!({ "x-number": 7, "x-null": null })),
        ] {
            let answer = function.invoke(event).await?;
            assert_eq!(answer.status, good.status, "{name}: {answer:?}");
            assert_eq!(answer.header("content-type"), content_type, "{name}: {answer:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_event_of_another_service_is_an_error_and_ends_nothing() -> Result<()> {
    let machine = Machine::start().await?;
    for (name, path) in FUNCTIONS {
        let mut function = Function::start(name, &machine).await?;
        assert!(function.run().await.is_err(), "{name} took an empty event for a request");
        assert!(function.lives(), "{name} ended");
        assert!(function.invoke(Event::get(path)).await?.status < 500, "{name}");
    }
    Ok(())
}

/// Less than an HTTP API sends: an event from a test console, a warmer or a
/// later version of the format.
#[tokio::test]
async fn an_event_with_holes_breaks_no_function() -> Result<()> {
    check(|own| {
        vec![
            Event::get(own).member("/requestContext/domainName", json!(null)),
            Event::get(own).member("/requestContext/domainName", json!("a b")),
            Event::get(own).member("/headers", json!({})),
            Event::get(own).member("/rawQueryString", json!(null)),
            Event::get(own).member("/body", json!("{")),
            Event::get(own).member("/cookies", json!([])),
            Event::get(own).member("/unknown", json!({ "a": [1, 2, 3] })),
        ]
    })
    .await
}
