use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode};
use outbound::Outbound;
use serde_json::json;

use super::*;

/// What is broken; nothing, when empty.
type Broken = &'static str;

async fn start(broken: Broken) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let state = (origin.clone(), broken);
    let router = Router::new().fallback(answer).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Url::parse(&origin).unwrap()
}

async fn answer(State((origin, broken)): State<(String, Broken)>, request: Request) -> Response {
    let host = request.headers()["host"].to_str().unwrap().to_owned();
    let csp = ("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    let nosniff = ("x-content-type-options", "nosniff");
    match request.uri().path() {
        "/" => {
            let mut headers = HeaderMap::new();
            if broken != "csp" {
                headers.insert(csp.0, csp.1.parse().unwrap());
            }
            headers.insert(nosniff.0, nosniff.1.parse().unwrap());
            if broken == "server" {
                headers.insert("server", "nginx/1.2".parse().unwrap());
            }
            (headers, "page").into_response()
        }
        "/signin" if broken == "signin" => StatusCode::BAD_GATEWAY.into_response(),
        "/signin" => {
            let base = match broken {
                "host" => format!("http://{host}"),
                "redirect" => "https://other.example".to_owned(),
                _ => origin,
            };
            let client = if broken == "client" { "other" } else { "web" };
            let to = format!(
                "https://login.example/authorize?client_id={client}&redirect_uri={base}/callback\
                 &state=s&nonce=n&code_challenge=c&code_challenge_method=S256"
            );
            let cookie = match broken {
                "cookie" => "__Host-signin-1=hidden; Secure; Path=/; SameSite=Lax",
                _ => "__Host-signin-1=hidden; Secure; HttpOnly; SameSite=Lax; Path=/",
            };
            (StatusCode::FOUND, [("location", to), ("set-cookie", cookie.to_owned())])
                .into_response()
        }
        "/session" => {
            let mut headers = HeaderMap::new();
            if broken != "session" {
                headers.insert("cache-control", "no-store".parse().unwrap());
            }
            if broken == "cors" {
                headers.insert("access-control-allow-origin", "*".parse().unwrap());
            }
            if broken == "cors with credentials" {
                headers.insert("access-control-allow-credentials", "true".parse().unwrap());
            }
            (headers, r#"{"user":null}"#).into_response()
        }
        "/api/todos" if broken == "open" => "[]".into_response(),
        "/api/todos" if broken == "challenge" => StatusCode::UNAUTHORIZED.into_response(),
        "/api/todos" => {
            let challenge = [("www-authenticate", r#"Bearer resource_metadata="x""#)];
            (StatusCode::UNAUTHORIZED, challenge).into_response()
        }
        "/.well-known/oauth-protected-resource" => {
            let issuer =
                if broken == "issuer" { "https://x.example" } else { "https://login.example" };
            json!({ "resource": origin, "authorization_servers": [issuer] })
                .to_string()
                .into_response()
        }
        "/api/doctor-asks-for-nothing" if broken == "open" => "{}".into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn codes(url: &Url) -> Vec<Code> {
    codes_with(url, "https://login.example", true).await
}

async fn codes_with(url: &Url, issuer: &str, has_todos: bool) -> Vec<Code> {
    let environment = Environment::of([("OIDC_ISSUER", issuer), ("OIDC_CLIENT_ID", "web")]);
    let http = Outbound::from_environment(&environment).unwrap().http().clone();
    let check = check(url, &environment, has_todos, &http).await;
    assert!(!format!("{check:?}").contains("hidden"), "a secret was shown: {check:?}");
    check.findings().iter().map(|it| it.code).collect()
}

#[tokio::test]
async fn each_broken_deployment_is_named() {
    for (broken, code) in [
        ("csp", Code::HeaderMissing),
        ("server", Code::HeaderServer),
        ("signin", Code::SigninBroken),
        ("redirect", Code::SigninRedirectUri),
        ("client", Code::SigninClient),
        ("cookie", Code::CookieHygiene),
        ("host", Code::HostReflected),
        ("session", Code::SessionAnswer),
        ("open", Code::ApiOpen),
        ("challenge", Code::ApiChallenge),
        ("issuer", Code::ResourceMismatch),
        ("cors", Code::CorsOpen),
        ("cors with credentials", Code::CorsOpen),
    ] {
        assert_eq!(codes(&start(broken).await).await, [code], "{broken}");
    }
}

#[tokio::test]
async fn a_good_deployment_has_no_finding() {
    assert_eq!(codes(&start("").await).await, []);
}

#[tokio::test]
async fn without_todos_only_an_open_api_is_a_finding() {
    for (broken, expected) in [("challenge", &[][..]), ("open", &[Code::ApiOpen])] {
        let found = codes_with(&start(broken).await, "https://login.example", false).await;
        assert_eq!(found, expected, "{broken}");
    }
}

#[tokio::test]
async fn an_issuer_with_a_password_is_not_shown() {
    assert_eq!(codes_with(&start("").await, "https://ada:hidden@login.example", true).await, []);
}

#[tokio::test]
async fn a_deployment_that_does_not_answer_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    assert_eq!(codes(&url).await, [Code::DeploymentUnreachable]);
}

#[test]
fn only_a_redirect_to_tls_or_a_refusal_is_good_without_it() {
    let plain = Url::parse("http://todos.example/").unwrap();
    let answer = |status, location: Option<&str>| {
        let mut headers = HeaderMap::new();
        if let Some(to) = location {
            headers.insert("location", to.parse().unwrap());
        }
        HttpResponse { status, headers, body: String::new() }
    };
    let found = |answer| plain_answer(&plain, &answer).map(|it| it.code);
    assert_eq!(found(answer(StatusCode::OK, None)), Some(Code::PlainHttp));
    assert_eq!(found(answer(StatusCode::FOUND, Some("http://a.example"))), Some(Code::PlainHttp));
    let secured = answer(StatusCode::MOVED_PERMANENTLY, Some("https://todos.example/"));
    assert_eq!(found(secured), None);
    assert_eq!(found(answer(StatusCode::FORBIDDEN, None)), None);
}
