//! The functions in process at a public address, with the development provider: what is healthy
//! has no finding, and a provider that really refuses is understood.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

use std::collections::HashMap;

use all_functions::FUNCTIONS;
use axum::{
    Router,
    extract::{Request, State},
    response::Response,
};
use doctor::{Check, Code, Input, Outcome, run, text};
use idp::Idp;
use local_aws::LocalDynamoDb;
use outbound::Outbound;
use settings::Environment;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use url::Url;

struct System {
    url: Url,
    settings: Vec<(String, String)>,
    idp: Idp,
    /// Holds the tables for as long as the functions run.
    _store: LocalDynamoDb,
}

/// The functions that have routes, by name.
type Functions = HashMap<&'static str, Router>;

impl System {
    async fn start() -> Self {
        let (web, web_url) = listener().await;
        let (provider, provider_url) = listener().await;
        let idp = Idp::open(idp::Config::new(provider_url, web_url.clone())).unwrap();
        serve(provider, idp.router());
        let store = LocalDynamoDb::in_memory().await.unwrap();
        let public_url = ("PUBLIC_URL", web_url.origin().ascii_serialization());
        let own = idp.settings().into_iter().chain([public_url]);
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let settings: Vec<_> = own.chain(store.environment()).collect();
        let environment = Environment::of(settings.clone());
        let outbound = Outbound::from_environment(&environment).unwrap();
        let mut functions = Functions::new();
        for function in FUNCTIONS {
            let Some(start) = function.start else { continue };
            functions.insert(function.name, start(&environment, &outbound).await.unwrap());
        }
        serve(web, Router::new().fallback(route).with_state(functions));
        Self { url: web_url, settings, idp, _store: store }
    }

    fn with(&self, name: &str, value: &str) -> Vec<(String, String)> {
        let mut settings = self.settings.clone();
        settings.retain(|(other, _)| other != name);
        settings.push((name.to_owned(), value.to_owned()));
        settings
    }

    async fn examined(&self, settings: Vec<(String, String)>) -> Vec<Check> {
        let url = Some(self.url.clone());
        let token = Some(self.idp.daemon_token());
        let input =
            Input { settings: Some(settings), has_todos: true, url, token, try_credential: true };
        run(&input, None).await.unwrap()
    }
}

async fn listener() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, Url::parse(&format!("http://localhost:{port}")).unwrap())
}

fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn route(State(functions): State<Functions>, request: Request) -> Response {
    let function = match request.uri().path() {
        "/signin" => "signin",
        "/callback" | "/signin/pushed" => "callback",
        path if path.starts_with("/api/") || path.starts_with("/.well-known/") => "todos",
        _ => "web",
    };
    functions[function].clone().oneshot(request).await.unwrap()
}

fn codes(checks: &[Check]) -> Vec<Code> {
    checks.iter().flat_map(Check::findings).map(|finding| finding.code).collect()
}

#[tokio::test]
async fn a_healthy_system_passes_every_check_without_a_finding_or_a_skip() {
    let system = System::start().await;
    let checks = system.examined(system.settings.clone()).await;
    for check in &checks {
        assert!(matches!(check.outcome, Outcome::Good(_)), "{}", text(&checks));
    }
    assert_eq!(checks.len(), 10);
}

#[tokio::test]
async fn an_address_alone_says_which_provider_is_to_be_examined() {
    let system = System::start().await;
    let url = Some(system.url.clone());
    let input = Input { settings: None, has_todos: true, url, token: None, try_credential: false };
    let checks = run(&input, None).await.unwrap();
    for name in ["discovery", "keys", "clock", "deployment"] {
        let check = checks.iter().find(|check| check.name == name).unwrap();
        assert!(matches!(check.outcome, Outcome::Good(_)), "{}", text(&checks));
    }
    assert_eq!(codes(&checks), []);
}

#[tokio::test]
async fn what_the_provider_itself_refuses_is_named() {
    let system = System::start().await;
    for (name, value, code) in [
        ("OIDC_CLIENT_ID", "99999999-9999-4999-8999-999999999999", Code::ClientUnknown),
        ("OIDC_CLIENT_SECRET", "not-the-secret", Code::SecretWrong),
        ("OIDC_SCOPES", "api://11111111-aaaa-4aaa-8aaa-111111111111/No.Such", Code::ScopeUnknown),
    ] {
        let checks = system.examined(system.with(name, value)).await;
        assert!(codes(&checks).contains(&code), "{name}\n{}", text(&checks));
    }
}

#[tokio::test]
async fn an_address_that_is_not_registered_at_the_provider_is_named() {
    let mut system = System::start().await;
    system.url.set_host(Some("127.0.0.1")).unwrap();
    let checks = system.examined(system.settings.clone()).await;
    let found = codes(&checks);
    for code in [Code::RedirectUriUnregistered, Code::SigninRedirectUri, Code::ResourceMismatch] {
        assert!(found.contains(&code), "{}", text(&checks));
    }
}

#[tokio::test]
async fn an_issuer_by_name_at_the_real_document_is_named() {
    let system = System::start().await;
    let asked = system.idp.metadata_url().replace("/.well-known/openid-configuration", "");
    let checks = system.examined(system.with("OIDC_ISSUER", &asked)).await;
    assert!(codes(&checks).contains(&Code::IssuerByName), "{}", text(&checks));
    // The keys are the right ones: to say otherwise would send people the wrong way.
    assert!(!codes(&checks).contains(&Code::KeysOfAnotherIssuer), "{}", text(&checks));
}
