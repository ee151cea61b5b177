//! What the functions write to the log: lines for people, and lines that CloudWatch makes metrics
//! of. docs/cost.md reckons with their length, the queries of infra/operations with their fields.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use on_lambda::{Event, Function, Machine, Output, sign_in};
use serde_json::{Value, json};

/// What a function wrote to standard output, each line parsed.
struct Log {
    metrics: Vec<Value>,
    lines: Vec<Value>,
    bytes: usize,
}

impl Log {
    /// Ends the function. What it wrote must hold none of `secrets`.
    async fn of(function: Function, secrets: &[String]) -> Result<Self> {
        function.ready().await;
        let Output { stdout: text, stderr, .. } = function.end().await?;
        for secret in secrets {
            let holds = |output: &str| output.contains(secret.as_str());
            assert!(!holds(&text) && !holds(&stderr), "{secret} is in the log: {text}{stderr}");
        }
        let parsed: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
            .collect::<Result<_>>()?;
        let having = |member: &str| -> Vec<Value> {
            parsed.iter().filter(|line| line.get(member).is_some()).cloned().collect()
        };
        Ok(Self { metrics: having("_aws"), lines: having("message"), bytes: text.len() })
    }

    /// How often each metric was written, by its name and its code.
    fn counts(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for line in &self.metrics {
            let code = line["code"].as_str().unwrap_or_default();
            let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array();
            for metric in metrics.into_iter().flatten() {
                let name = metric["Name"].as_str().unwrap_or_default();
                *counts.entry((name.to_owned(), code.to_owned())).or_default() += 1;
            }
        }
        counts
    }
}

/// How much a function logs: a variable and its value.
type Level = (&'static str, &'static str);

const INFO: Level = ("RUST_LOG", "info");

async fn start(machine: &Machine, name: &str, level: Level) -> Result<Function> {
    let mut environment = machine.environment(name)?;
    environment.remove("RUST_LOG");
    for (name, value) in [("METRICS_NAMESPACE", "Tollgate/test"), level] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    Function::start_with(name, machine, environment).await
}

/// The logs of `signin`, `callback`, `web` and `todos` after somebody signed in, wrote a todo,
/// was refused one, refreshed the session and signed out. No line at any level may hold a secret or name anybody.
async fn after_a_round(level: Level) -> Result<[Log; 4]> {
    let machine = Machine::start().await?;
    let mut signin = start(&machine, "signin", level).await?;
    let mut callback = start(&machine, "callback", level).await?;
    let mut web = start(&machine, "web", level).await?;
    let mut todos = start(&machine, "todos", level).await?;
    let user = machine.idp.demo_users()[0];
    let values = |pairs: &[String]| -> Vec<String> {
        pairs.iter().filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())).collect()
    };
    // What every JWT begins with.
    let mut secrets: Vec<_> =
        [user.username, user.name, user.object_id, "milk", "eyJ"].map(str::to_owned).into();
    secrets.push(machine.idp.web_app().client_secret);

    let away = signin.invoke(Event::get("/signin")).await?;
    let attempt = away.kept_cookies();
    let answer = sign_in(&machine, away.header("location")).await?;
    let back = Event::get("/callback").query(&answer).cookies(&attempt);
    let session = callback.invoke(back).await?.kept_cookies();
    let answer: Vec<_> = answer.split('&').map(str::to_owned).collect();
    secrets.extend([attempt, session.clone(), answer].iter().flat_map(|pairs| values(pairs)));
    let own = |method, path| Event::new(method, path).cookies(&session).header("x-csrf", "1");
    let shown = web.invoke(own("GET", "/session")).await?;
    secrets.push(shown.json()["user"]["sub"].as_str().context("a subject")?.to_owned());
    let new = own("POST", "/api/todos").json(&json!({ "description": "milk" }));
    let path = todos.invoke(new).await?.header("location").to_owned();
    secrets.push(path.rsplit('/').next().context("an id")?.to_owned());
    assert_eq!(todos.invoke(own("GET", &path)).await?.status, 200);
    let spoilt = format!("Bearer {}x", machine.idp.daemon_token());
    let stranger = Event::get(&path).header("authorization", &spoilt);
    assert_eq!(todos.invoke(stranger).await?.status, 401);
    assert_eq!(web.invoke(own("POST", "/session/refresh")).await?.status, 204);
    assert_eq!(web.invoke(own("POST", "/signout")).await?.status, 303);
    // An empty member of the answer would be found in anything.
    secrets.retain(|secret| secret.len() >= "eyJ".len());
    Ok([
        Log::of(signin, &secrets).await?,
        Log::of(callback, &secrets).await?,
        Log::of(web, &secrets).await?,
        Log::of(todos, &secrets).await?,
    ])
}

#[tokio::test]
async fn no_log_line_holds_a_secret_at_any_level() -> Result<()> {
    for level in ["WARN", "DEBUG", "TRACE", "trace,lambda_runtime=trace,hyper_util=trace"] {
        after_a_round(("RUST_LOG", level)).await?;
    }
    for level in ["FATAL", "DEBUG", "TRACE"] {
        after_a_round(("AWS_LAMBDA_LOG_LEVEL", level)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn each_request_and_each_code_is_counted_once() -> Result<()> {
    let logs = after_a_round(INFO).await?;
    let count = |log: &Log, name: &str, code: &str| {
        log.counts().get(&(name.to_owned(), code.to_owned())).copied().unwrap_or_default()
    };
    for (log, requests) in logs.iter().zip([1, 1, 3, 3]) {
        assert_eq!(count(log, "Requests", ""), requests);
        assert_eq!(count(log, "Latency", ""), requests);
        assert_eq!(count(log, "Events", "started"), 1);
    }
    let [_, callback, web, todos] = &logs;
    assert_eq!(count(callback, "Events", "signed_in"), 1);
    assert_eq!(count(web, "Events", "signed_out"), 1);
    assert_eq!(count(todos, "Events", "invalid_token"), 1);
    assert!(count(todos, "Age", "document_fetched") > 0);
    Ok(())
}

/// Lines of metrics are no lines for people: fewer of these must not mean fewer of those.
#[tokio::test]
async fn a_level_that_leaves_out_lines_leaves_out_no_metric() -> Result<()> {
    let all = after_a_round(INFO).await?;
    let few = after_a_round(("RUST_LOG", "error")).await?;
    for (all, few) in all.iter().zip(&few) {
        assert!(few.lines.is_empty(), "{:?}", few.lines);
        assert_eq!(few.counts(), all.counts());
    }
    Ok(())
}

/// What leads from an entry of the API's access log to the lines of the function that answered.
#[tokio::test]
async fn each_line_of_a_request_tells_which_invocation_it_belongs_to() -> Result<()> {
    let logs = after_a_round(INFO).await?;
    let todos = &logs[3].lines;
    let of = |message: &str| -> Vec<_> {
        let lines = todos.iter().filter(|line| line["message"] == message);
        lines.map(|line| line["span"]["requestId"].as_str().unwrap_or_default()).collect()
    };
    let id = |number: u8| format!("00000000-0000-4000-8000-{number:012}");
    assert_eq!(of("request"), [id(1), id(2), id(3)], "{todos:?}");
    assert_eq!(of("request refused"), [id(3)], "{todos:?}");
    Ok(())
}

/// docs/cost.md has these figures; they are the same for debug and release builds.
#[tokio::test]
async fn a_request_is_logged_in_few_bytes_even_if_it_is_refused() -> Result<()> {
    let machine = Machine::start().await?;
    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    let list = || Event::get("/api/todos").query("owner=a");
    for (name, request, status, limit) in [
        ("served", list().header("authorization", &bearer), 200, 450),
        ("refused without a token", list(), 401, 900),
        ("refused", list().header("authorization", "Bearer a.b.c"), 401, 900),
    ] {
        let mut lengths = Vec::new();
        for requests in [1, 11] {
            let mut todos = start(&machine, "todos", INFO).await?;
            for _ in 0..requests {
                assert_eq!(todos.invoke(request.clone()).await?.status, status);
            }
            lengths.push(Log::of(todos, &[]).await?.bytes);
        }
        let each = (lengths[1] - lengths[0]) / 10;
        println!("{name}: {each} bytes of log, and {} of a cold start", lengths[0] - each);
        assert!((200..limit).contains(&each), "{name}: {each}");
    }
    Ok(())
}
