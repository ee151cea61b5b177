//! Every profile with a provider that behaves like the real one: what works, and why the rest can't.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, outside `#[test]` functions, too"
)]

use std::{collections::BTreeMap, fmt::Write as _};

use reqwest::{Method, Response};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::process::{Stack, http};

/// What a cell of the matrix must come to.
enum Cell {
    Works,
    /// The provider cannot do it.
    Cannot(&'static str),
    /// The provider can, but not from here.
    NotRun(&'static str),
}
use Cell::{Cannot, NotRun, Works};

/// The columns.
const STEPS: [&str; 7] = [
    "sign-in",
    "API by session",
    "refresh",
    "step-up",
    "API by machine",
    "sign-out here",
    "sign-out there",
];

/// A stronger sign-in as this provider is asked for it, and the claim that shows it.
type StepUp = (&'static str, &'static str);

const NO_STEP_UP: StepUp = ("mfa", "acr");

/// The rows.
const PROFILES: [(&str, StepUp, [Cell; STEPS.len()]); 8] = [
    ("entra-external-id", ("c1", "acrs"), [Works, Works, Works, Works, Works, Works, Works]),
    ("entra-id", ("c1", "acrs"), [Works, Works, Works, Works, Works, Works, Works]),
    (
        "cognito",
        NO_STEP_UP,
        [
            Works,
            Works,
            Works,
            Cannot("tokens have no acr"),
            Works,
            Works,
            Cannot("tells no application"),
        ],
    ),
    (
        "auth0",
        ("http://schemas.openid.net/pape/policies/2007/06/multi-factor", "acr"),
        [Works, Works, Works, Works, Works, Works, Works],
    ),
    (
        "okta",
        ("urn:okta:loa:2fa:any", "acr"),
        [
            Works,
            Works,
            Works,
            Works,
            Works,
            Works,
            NotRun("needs an ID token, which the application keeps to itself"),
        ],
    ),
    ("keycloak", ("mfa", "acr"), [Works, Works, Works, Works, Works, Works, Works]),
    (
        "google",
        NO_STEP_UP,
        [
            Works,
            // By API_SESSION_SCOPES: access tokens are for Google's own APIs.
            Works,
            Works,
            Cannot("tokens have no acr"),
            Cannot("no tokens for applications"),
            Works,
            Cannot("no sign-out endpoint"),
        ],
    ),
    ("generic", ("mfa", "acr"), [Works, Works, Works, Works, Works, Works, Works]),
];

type Outcome = Result<(), String>;

#[tokio::test]
async fn every_profile_does_what_its_provider_can() {
    let runs = PROFILES.iter().map(|(profile, step_up, _)| run(profile, step_up));
    let runs = futures_util::future::join_all(runs).await;
    let mut table = format!("{:<18}", "");
    for step in STEPS {
        write!(table, "{step:<15}").unwrap();
    }
    let (mut notes, mut wrong) = (String::new(), String::new());
    for ((profile, _, cells), outcomes) in PROFILES.iter().zip(runs) {
        write!(table, "\n{profile:<18}").unwrap();
        for ((cell, outcome), step) in cells.iter().zip(outcomes).zip(STEPS) {
            let shown = match (cell, &outcome) {
                (Works, Ok(())) => "works",
                (Cannot(why) | NotRun(why), _) if outcome.is_err() => {
                    writeln!(notes, "{profile}, {step}: {why}").unwrap();
                    if matches!(cell, Cannot(_)) { "-" } else { "not run" }
                }
                (Works, Err(error)) => {
                    writeln!(wrong, "{profile}, {step}: {error}").unwrap();
                    "FAILS"
                }
                (Cannot(_) | NotRun(_), _) => {
                    writeln!(wrong, "{profile}, {step}: it works after all").unwrap();
                    "WORKS"
                }
            };
            write!(table, "{shown:<15}").unwrap();
        }
    }
    println!("{table}\n\n{notes}");
    assert!(wrong.is_empty(), "\n{table}\n\n{notes}\n{wrong}");
}

/// All steps, each after those before it. A step that fails doesn't stop the others.
async fn run(profile: &str, (acr, claim): &StepUp) -> [Outcome; STEPS.len()] {
    let stack = Stack::start(&["--memory", "--provider-like", profile]);
    let mut browser = Browser::default();
    [
        browser.sign_in(&stack, "").await,
        browser.todos(&stack).await,
        browser.refresh(&stack).await,
        browser.step_up(&stack, acr, claim).await,
        machine(&stack).await,
        browser.sign_out(&stack).await,
        browser.sign_out_at_provider(&stack).await,
    ]
}

/// The daemon reads everybody's todos.
async fn machine(stack: &Stack) -> Outcome {
    if stack.details["provider"]["daemon"].is_null() {
        return Err("the provider has no machine clients".to_owned());
    }
    let request = http().get(stack.url("/api/todos"));
    let answer = request.header("authorization", stack.daemon().await).send().await.unwrap();
    expect(answer, 200).await.map(drop)
}

/// A browser in the hands of Ada.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
}

/// A page, and where it is.
struct Page {
    url: Url,
    text: String,
}

impl Browser {
    async fn sign_in(&mut self, stack: &Stack, query: &str) -> Outcome {
        let page = self.walk(stack, &stack.url(&format!("/signin{query}"))).await?;
        if page.url.path() != "/" || page.url.query().is_some() {
            return Err(format!("the browser ends at {}: {}", page.url, page.text));
        }
        let session = self.session(stack).await?;
        match session["user"]["sub"].as_str() {
            Some(_) => Ok(()),
            None => Err(format!("no user: {session}")),
        }
    }

    async fn todos(&mut self, stack: &Stack) -> Outcome {
        let url = stack.url("/api/todos");
        let todo = json!({ "description": "a task" }).to_string();
        let answer = self.send(Method::POST, &url, Some(("application/json", todo))).await;
        expect(answer, 201).await?;
        let listed = expect(self.send(Method::GET, &url, None).await, 200).await?;
        if listed.contains("a task") { Ok(()) } else { Err(format!("not listed: {listed}")) }
    }

    /// Twice, as the first one may bring another refresh token.
    async fn refresh(&mut self, stack: &Stack) -> Outcome {
        // A token that is valid and young is not replaced.
        order(stack, "access_token_seconds=-3600").await;
        self.sign_in(stack, "").await?;
        let before = events(stack, "Refresh token exchanged").await;
        for count in 1..=2 {
            let url = stack.url("/session/refresh");
            expect(self.send(Method::POST, &url, None).await, 204).await?;
            if events(stack, "Refresh token exchanged").await != before + count {
                return Err("the provider was not asked".to_owned());
            }
        }
        order(stack, "").await;
        expect(self.send(Method::POST, &stack.url("/session/refresh"), None).await, 204).await?;
        self.todos(stack).await
    }

    async fn step_up(&mut self, stack: &Stack, acr: &str, claim: &str) -> Outcome {
        let before = events(stack, "Second factor given").await;
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("acr_values", acr).finish();
        self.sign_in(stack, &format!("?{query}")).await?;
        if events(stack, "Second factor given").await == before {
            return Err("no second factor was asked for".to_owned());
        }
        let claims = self.session(stack).await?["claims"].clone();
        let shown = [json!(acr), json!([acr])].contains(&claims[claim]);
        if shown { Ok(()) } else { Err(format!("{claim} doesn't show it: {claims}")) }
    }

    async fn sign_out(&mut self, stack: &Stack) -> Outcome {
        let session = self.cookies.get("__Host-session").cloned().unwrap_or_default();
        let answer = self.send(Method::POST, &stack.url("/signout"), None).await;
        let next = location(&answer).ok_or_else(|| format!("answered {}", answer.status()))?;
        let page = self.walk(stack, next.as_str()).await?;
        if page.url.path() != "/signedout" {
            return Err(format!("the browser ends at {}: {}", page.url, page.text));
        }
        self.cookies.insert("__Host-session".to_owned(), session);
        self.is_signed_out(stack).await?;
        let has_endpoint = metadata(stack).await["end_session_endpoint"].is_string();
        let page = self.follow(&stack.url("/signin")).await;
        if has_endpoint && !page.text.contains("id=\"sign-in\"") {
            return Err(format!("still signed in at the provider: {}", page.url));
        }
        Ok(())
    }

    async fn sign_out_at_provider(&mut self, stack: &Stack) -> Outcome {
        self.sign_in(stack, "").await?;
        let metadata = metadata(stack).await;
        let endpoint = metadata["end_session_endpoint"].as_str().ok_or("no sign-out endpoint")?;
        let client_id = self.session(stack).await?["claims"]["aud"].clone();
        let signed_out = stack.url("/signedout");
        let query = [
            ("client_id", client_id.as_str().unwrap_or_default()),
            ("post_logout_redirect_uri", &signed_out),
            ("logout_uri", &signed_out),
        ];
        let url = Url::parse_with_params(endpoint, query).unwrap();
        // It still has the cookie of the session that has ended, so `/signedout` sends it home.
        let page = self.walk(stack, url.as_str()).await?;
        if page.url.path() != "/" {
            return Err(format!("the browser ends at {}: {}", page.url, page.text));
        }
        self.is_signed_out(stack).await
    }

    async fn is_signed_out(&mut self, stack: &Stack) -> Outcome {
        let session = self.session(stack).await?;
        if session["user"].is_null() { Ok(()) } else { Err("the session goes on".to_owned()) }
    }

    async fn session(&mut self, stack: &Stack) -> Result<Value, String> {
        let answer = self.send(Method::GET, &stack.url("/session"), None).await;
        Ok(serde_json::from_str(&expect(answer, 200).await?).unwrap())
    }

    /// Goes to an address and gives the provider's pages what they ask for, until the browser is at
    /// the application.
    async fn walk(&mut self, stack: &Stack, url: &str) -> Result<Page, String> {
        let mut page = self.follow(url).await;
        for _ in 0..10 {
            if page.url.as_str().starts_with(&stack.url("/")) {
                return Ok(page);
            }
            let has = |id: &str| page.text.contains(&format!("id=\"{id}\""));
            page = if has("sign-in") {
                let user = [("username", "ada@example.com"), ("password", "tollgate-dev")];
                self.submit(&page, &user).await
            } else if has("verify") {
                let code = between(&page.text, "id=\"second-factor\">", "<").unwrap().to_owned();
                self.submit(&page, &[("code", &code)]).await
            } else if has("consent-accept") {
                self.submit(&page, &[("decision", "accept")]).await
            } else if has("sign-out") {
                self.submit(&page, &[]).await
            } else if has("continue") {
                for frame in page.text.split("<iframe src=\"").skip(1) {
                    let frame = unescaped(frame.split('"').next().unwrap());
                    // A frame of another site comes without our cookies.
                    http().get(frame).send().await.unwrap();
                }
                let (before, _) = page.text.split_once("\" id=\"continue\"").unwrap();
                let next = unescaped(before.rsplit_once("href=\"").unwrap().1);
                self.follow(&next).await
            } else {
                return Err(format!("the provider shows {}: {}", page.url, heading(&page.text)));
            };
        }
        Err("the provider goes round in circles".to_owned())
    }

    async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let hidden = page.text.split("<input type=\"hidden\"").skip(1).map(|input| {
            let field = |name: &str| between(input, &format!("{name}=\""), "\"").unwrap();
            (field("name"), unescaped(field("value")))
        });
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(hidden)
            .extend_pairs(fields)
            .finish();
        let form = Some(("application/x-www-form-urlencoded", form));
        let action = between(&page.text, "method=\"post\" action=\"", "\"").unwrap_or_default();
        let url = page.url.join(action).unwrap();
        let answer = self.send(Method::POST, url.as_str(), form).await;
        match location(&answer) {
            Some(next) => self.follow(next.as_str()).await,
            None => Page { url, text: answer.text().await.unwrap() },
        }
    }

    async fn follow(&mut self, url: &str) -> Page {
        let mut url = Url::parse(url).unwrap();
        loop {
            let answer = self.send(Method::GET, url.as_str(), None).await;
            match location(&answer) {
                Some(next) => url = next,
                None => return Page { url, text: answer.text().await.unwrap() },
            }
        }
    }

    /// Sends a request as a page of the same origin does, and keeps cookies.
    async fn send(&mut self, method: Method, url: &str, body: Option<(&str, String)>) -> Response {
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request = http()
            .request(method, url)
            .header("cookie", cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf", "1");
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

async fn expect(answer: Response, status: u16) -> Result<String, String> {
    let actual = answer.status().as_u16();
    let challenge = answer.headers().get("www-authenticate").cloned();
    let text = answer.text().await.unwrap();
    if actual == status {
        return Ok(text);
    }
    Err(format!("answered {actual}, {challenge:?}: {text}"))
}

fn location(answer: &Response) -> Option<Url> {
    let location = answer.headers().get("location").filter(|_| answer.status().is_redirection())?;
    Some(answer.url().join(location.to_str().unwrap()).unwrap())
}

async fn metadata(stack: &Stack) -> Value {
    let issuer = stack.details["provider"]["issuer"].as_str().unwrap().trim_end_matches('/');
    let url = format!("{issuer}/.well-known/openid-configuration");
    let text = http().get(url).send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What the provider is to do to Ada from now on, as a form.
async fn order(stack: &Stack, form: &'static str) {
    let request = http().post(control(stack)).body(form);
    let kind = "application/x-www-form-urlencoded";
    let answer = request.header("content-type", kind).send().await.unwrap();
    expect(answer, 200).await.unwrap();
}

fn control(stack: &Stack) -> String {
    format!("{}/users/ada@example.com", stack.details["provider"]["control"].as_str().unwrap())
}

/// How often the provider logged this of Ada.
async fn events(stack: &Stack, what: &str) -> usize {
    let page = http().get(control(stack)).send().await.unwrap();
    let page: Value = serde_json::from_str(&page.text().await.unwrap()).unwrap();
    page["diary"].as_array().unwrap().iter().filter(|event| event["what"] == what).count()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&")
}

fn heading(page: &str) -> String {
    let heading = between(page, "<h1>", "</h1>").unwrap_or(page);
    let details = between(page, "class=\"lead\">", "</p>").unwrap_or_default();
    format!("{heading}: {details}")
}
