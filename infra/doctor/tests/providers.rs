//! A wrong configuration, and a sign-in in a browser, with each provider that has a profile.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

use std::{collections::BTreeMap, time::Duration};

use axum::Router;
use doctor::{Browser, Check, Code, Input, Outcome, run, text};
use http::Method;
use idp::Idp;
use outbound::{Outbound, Timeouts};
use reqwest::Response;
use serde_json::json;
use settings::{Environment, Profile};
use test_support::{CLIENT_SECRET, Endpoint, MockResponse, ScriptedProvider, api_settings};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

type Settings = Vec<(String, String)>;

const TABLES: [(&str, &str); 3] =
    [("KEYS_TABLE", "keys"), ("SESSIONS_TABLE", "sessions"), ("TODOS_TABLE", "todos")];

/// A provider that behaves like this one, and settings that fit it.
async fn provider_like(profile: &str, web: &Url, shared_registration: bool) -> (Idp, Settings) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let like = Profile::named(profile).unwrap();
    let config = idp::Config::new(base.parse().unwrap(), web.clone());
    let idp = Idp::open(idp::Config { like, shared_registration, ..config }).unwrap();
    let router: Router = idp.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut settings: Settings = TABLES.map(owned).into();
    settings.extend(idp.settings().into_iter().map(|(name, value)| (name.to_owned(), value)));
    settings.push(("PUBLIC_URL".to_owned(), web.origin().ascii_serialization()));
    (idp, settings)
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn input(settings: Settings) -> Input {
    Input {
        settings: Some(settings),
        has_todos: true,
        url: None,
        token: None,
        try_credential: false,
    }
}

fn codes(checks: &[Check]) -> Vec<Code> {
    checks.iter().flat_map(Check::findings).map(|finding| finding.code).collect()
}

fn plain(checks: &[Check]) -> String {
    anstream::adapter::strip_str(&text(checks)).to_string()
}

async fn listening(timeout: Duration) -> Browser {
    Browser::listen(0, timeout, |_| ()).await.unwrap()
}

#[tokio::test]
async fn a_wrong_configuration_of_each_provider_is_named() {
    let web = Url::parse("http://localhost:9").unwrap();
    for (profile, changes, expected) in [
        (
            "entra-external-id",
            &[("OIDC_SCOPES", "ToDoList.Read ToDoList.ReadWrite")][..],
            &[Code::ProfileNeeds, Code::ScopeUnknown][..],
        ),
        ("entra-id", &[("OIDC_PROVIDER", "")], &[Code::ProfileDiffers]),
        (
            "cognito",
            &[("OIDC_BASE_SCOPES", "openid profile offline_access")],
            &[Code::ScopeUnsupported, Code::ScopeUnknown],
        ),
        ("auth0", &[("OIDC_AUTHORIZATION_PARAMS", "")], &[Code::ProfileNeeds]),
        ("okta", &[("OIDC_PROVIDER", "")], &[Code::ProfileDiffers]),
        (
            "keycloak",
            &[("OIDC_BASE_SCOPES", "openid profile offline_access")],
            &[Code::ProfileNeeds],
        ),
        (
            "google",
            &[("OIDC_SCOPES", "ToDoList.Read"), ("API_SESSION_SCOPES", "")],
            &[Code::ProfileNeeds, Code::ProfileNeeds, Code::ScopeUnknown],
        ),
        (
            "google",
            &[("OIDC_PROVIDER", "generic"), ("OIDC_BASE_SCOPES", "openid")],
            &[Code::SignOutUnsupported],
        ),
    ] {
        let (_idp, right) = provider_like(profile, &web, false).await;
        let checks = run(&input(right.clone()), None).await.unwrap();
        assert_eq!(codes(&checks), [], "{profile}\n{}", plain(&checks));

        let names: Vec<_> = changes.iter().map(|(name, _)| *name).collect();
        let mut wrong = right;
        wrong.retain(|(name, _)| !names.contains(&name.as_str()));
        wrong.extend(changes.iter().copied().map(owned));
        let checks = run(&input(wrong), None).await.unwrap();
        println!("{profile} with {changes:?}\n\n{}\n", plain(&checks));
        assert_eq!(codes(&checks), expected, "{profile} {changes:?}\n{}", plain(&checks));
    }
}

#[tokio::test]
async fn a_sign_in_at_each_provider_is_good_and_its_report_names_nobody() {
    let none: &[&str] = &[];
    for (profile, acr, skipped) in [
        ("entra-external-id", "c1", none),
        ("entra-id", "c1", none),
        ("cognito", "", &["step-up"]),
        ("auth0", "http://schemas.openid.net/pape/policies/2007/06/multi-factor", none),
        ("okta", "urn:okta:loa:2fa:any", none),
        ("keycloak", "mfa", none),
        ("google", "", &["access-token", "step-up", "sign-out"]),
        ("generic", "mfa", none),
    ] {
        let browser = listening(Duration::from_mins(5)).await;
        let mut ada = Ada::at(browser.origin());
        let (idp, mut settings) = provider_like(profile, browser.origin(), false).await;
        settings.push(owned(("SESSION_STEP_UP_ACR", acr)));
        let input = input(settings.clone());
        let (checks, ()) = tokio::join!(run(&input, Some(browser)), ada.walk());
        let checks = checks.unwrap();
        let report = plain(&checks);
        println!("{profile}\n\n{report}\n");
        assert_eq!(codes(&checks), [], "{profile}\n{report}");
        let names = checks.iter().filter(|it| matches!(it.outcome, Outcome::Skipped(_)));
        let names: Vec<_> = names.map(|it| it.name).skip_while(|it| *it != "deployment").collect();
        assert_eq!(names[1..], *skipped, "{profile}\n{report}");
        let user = idp.demo_users()[0];
        let (_, secret) = settings.iter().find(|(name, _)| name == "OIDC_CLIENT_SECRET").unwrap();
        let personal = [user.username, user.name, user.object_id, secret, "eyJ"].map(str::to_owned);
        assert_hidden(&report, ada.seen.into_iter().chain(personal));
    }
}

/// A refresh names no scopes, as if it were another provider.
#[tokio::test]
async fn a_registration_that_web_app_and_api_share_is_named_by_the_refresh() {
    let browser = listening(Duration::from_mins(5)).await;
    let mut ada = Ada::at(browser.origin());
    let (_idp, mut settings) = provider_like("entra-id", browser.origin(), true).await;
    settings.push(owned(("OIDC_REFRESH_SCOPES", "none")));
    let input = input(settings);
    let (checks, ()) = tokio::join!(run(&input, Some(browser)), ada.walk());
    let checks = checks.unwrap();
    let refresh = checks.iter().find(|check| check.name == "refresh").unwrap();
    assert_eq!(codes(&checks), [Code::SharedRegistration], "{}", plain(&checks));
    assert_eq!(refresh.findings()[0].seen, "the provider answers invalid_request AADSTS90009");
}

fn assert_hidden(report: &str, secrets: impl IntoIterator<Item = String>) {
    for secret in secrets {
        assert!(!report.contains(&secret), "{secret:?} is in\n{report}");
    }
}

/// Ada's browser at the development provider.
struct Ada {
    cookies: BTreeMap<String, String>,
    url: Url,
    http: reqwest::Client,
    /// What only the browser and the provider may know: values of addresses.
    seen: Vec<String>,
}

impl Ada {
    fn at(url: &Url) -> Self {
        let outbound = Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap();
        let http = outbound.http().clone();
        Self { cookies: BTreeMap::new(), url: url.clone(), http, seen: vec![] }
    }

    /// Follows each redirect, and gives each page what it asks for, until the check is done.
    async fn walk(&mut self) {
        let origin = self.url.origin();
        let mut form = None;
        for _ in 0..40 {
            let page = self.send(form.take()).await;
            if let Some(next) = page.headers().get("location") {
                self.url = self.url.join(next.to_str().unwrap()).unwrap();
                self.note();
                continue;
            }
            let page = page.text().await.unwrap();
            if self.url.origin() == origin {
                return;
            }
            let has = |id: &str| page.contains(&format!("id=\"{id}\""));
            let between = |before: &str, after: &str| {
                page.split_once(before).and_then(|(_, rest)| rest.split_once(after))
            };
            let fields = if has("sign-in") {
                vec![("username", "ada@example.com"), ("password", "tollgate-dev")]
            } else if has("verify") {
                vec![("code", between("id=\"second-factor\">", "<").unwrap().0)]
            } else if has("consent-accept") {
                vec![("decision", "accept")]
            } else if has("continue") {
                let (before, _) = page.split_once("\" id=\"continue\"").unwrap();
                let next = before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&");
                self.url = next.parse().unwrap();
                continue;
            } else {
                assert!(has("sign-out"), "{}: {page}", self.url);
                vec![]
            };
            let hidden = page.split("<input type=\"hidden\"").skip(1).map(|input| {
                let value = |name: &str| {
                    let (_, rest) = input.split_once(&format!("{name}=\"")).unwrap();
                    rest.split_once('"').unwrap().0.replace("&#38;", "&")
                };
                (value("name"), value("value"))
            });
            let mut all = form_urlencoded::Serializer::new(String::new());
            form = Some(all.extend_pairs(hidden).extend_pairs(fields).finish());
            let action = between("method=\"post\" action=\"", "\"").map_or("", |it| it.0);
            self.url = self.url.join(action).unwrap();
        }
        panic!("the provider goes round in circles, at {}", self.url);
    }

    /// Remembers what an address has that no report may have.
    fn note(&mut self) {
        let secret = ["code", "state", "nonce", "id_token_hint", "code_challenge"];
        let values = self.url.query_pairs().filter(|(name, _)| secret.contains(&&**name));
        self.seen.extend(values.map(|(_, value)| value.into_owned()));
    }

    async fn send(&mut self, form: Option<String>) -> Response {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request = self.http.request(method, self.url.clone());
        request = request.header("cookie", cookies.join("; "));
        if let Some(form) = form {
            let kind = "application/x-www-form-urlencoded";
            request = request.header("content-type", kind).body(form);
        }
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

/// A scripted provider, and settings that fit it.
fn scripted(web: &Url) -> (ScriptedProvider, Settings) {
    let provider = ScriptedProvider::start();
    let login = web.join("/callback?error=login_required").unwrap();
    let login = MockResponse::status(302).header("location", login.as_str());
    provider.always(Endpoint::Elsewhere, login);
    let mut settings: Settings = TABLES.into_iter().chain(api_settings()).map(owned).collect();
    settings.extend(provider.settings().map(|(name, value)| (name.to_owned(), value)));
    (provider, settings)
}

/// Opens an address and gives the one that it redirects to, if it does.
async fn open(url: &Url) -> Option<Url> {
    let answer = Ada::at(url).send(None).await;
    let location = answer.headers().get("location")?.to_str().unwrap();
    Some(location.parse().unwrap())
}

#[tokio::test]
async fn the_report_has_no_token_code_secret_or_personal_data() {
    let browser = listening(Duration::from_mins(5)).await;
    let web = browser.origin().clone();
    let (provider, settings) = scripted(&web);
    let visit = async {
        let request = open(&web).await.unwrap();
        let query: BTreeMap<_, _> = request.query_pairs().into_owned().collect();
        let [nonce, state] = ["nonce", "state"].map(|name| query[name].clone());
        let access = provider.access_token().claim("sub", "nemos-id").claim("name", "Nemo Nobody");
        let id = provider.id_token().claim("sub", "nemos-id").claim("sid", "nemos-session");
        let id = id.claim("nonce", nonce.as_str());
        let id = id.claim("email", "nemo@person.example").claim("name", "Nemo Nobody");
        let (access, id) = (access.signed(), id.signed());
        let tokens = provider.tokens().with("access_token", access.as_str()).id_token(&id);
        let tokens = tokens.with("refresh_token", "refresh-token-1");
        provider.next(Endpoint::Token, tokens.answer());
        let tokens = tokens.with("refresh_token", "refresh-token-2").without("id_token");
        provider.next(Endpoint::Token, tokens.answer());
        let back = provider.sign_in(request.as_str());
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let sign_out = open(&back).await.unwrap();
        assert!(sign_out.path().ends_with("/logout"), "{sign_out}");
        assert_eq!(open(&web.join("/signedout").unwrap()).await, None);
        let mut secrets = vec![nonce, state, code];
        secrets.extend([&access, &id].into_iter().flat_map(|it| it.split('.')).map(str::to_owned));
        secrets
    };
    let input = input(settings);
    let (checks, secrets) = tokio::join!(run(&input, Some(browser)), visit);
    let checks = checks.unwrap();
    let (report, json) = (plain(&checks), doctor::json(&checks).to_string());
    assert_eq!(codes(&checks), [], "{report}");
    let verifier = provider.received(Endpoint::Token)[0].form()["code_verifier"].clone();
    let others = [CLIENT_SECRET, "refresh-token", "nemo", "Nemo"];
    let secrets = secrets.into_iter().chain([verifier]).chain(others.map(str::to_owned));
    assert_hidden(&(report + &json), secrets);
}

#[tokio::test]
async fn an_answer_that_is_not_of_the_sign_in_and_a_refusal_are_named_and_end_it() {
    for (query, code) in [
        ("code=x&state=", Code::SignInAnswer),
        ("code=x&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Code::SignInAnswer),
        ("code=x&code=y&state=STATE", Code::SignInAnswer),
        ("code=x&state=STATE&iss=https://evil.example", Code::SignInAnswer),
        ("state=STATE", Code::SignInAnswer),
        ("error=access_denied&state=STATE", Code::SignInRefused),
        ("error=invalid_scope&state=STATE", Code::ScopeUnknown),
        ("code=wrong&state=STATE", Code::CodeRefused),
    ] {
        let browser = listening(Duration::from_mins(5)).await;
        let web = browser.origin().clone();
        let (provider, settings) = scripted(&web);
        let visit = async {
            let request = open(&web).await.unwrap();
            let state = request.query_pairs().find(|(name, _)| name == "state").unwrap().1;
            let query = query.replace("STATE", &state);
            open(&web.join(&format!("/callback?{query}")).unwrap()).await
        };
        let input = input(settings);
        let (checks, next) = tokio::join!(run(&input, Some(browser)), visit);
        let checks = checks.unwrap();
        assert_eq!((codes(&checks), next), (vec![code], None), "{query}\n{}", plain(&checks));
        let last = checks.last().unwrap();
        assert!(matches!(&last.outcome, Outcome::Skipped(why) if why == "sign-in failed"));
        let is_redeemed = !provider.received(Endpoint::Token).is_empty();
        assert_eq!(is_redeemed, code == Code::CodeRefused, "{query}");
    }
}

#[tokio::test]
async fn a_refreshed_id_token_of_another_user_is_named() {
    let browser = listening(Duration::from_mins(5)).await;
    let web = browser.origin().clone();
    let (provider, settings) = scripted(&web);
    let visit = async {
        let request = open(&web).await.unwrap();
        let nonce = request.query_pairs().find(|(name, _)| name == "nonce").unwrap().1;
        for subject in ["ada", "another"] {
            let id_token = provider.id_token().claim("nonce", &*nonce).claim("sub", subject);
            let tokens = provider.tokens().id_token(&id_token.signed());
            provider.next(Endpoint::Token, tokens.answer());
        }
        open(&provider.sign_in(request.as_str())).await
    };
    let input = input(settings);
    let (checks, _) = tokio::join!(run(&input, Some(browser)), visit);
    let checks = checks.unwrap();
    let refresh = checks.iter().find(|check| check.name == "refresh").unwrap();
    assert_eq!(codes(&checks), [Code::IdTokenRefused], "{}", plain(&checks));
    assert_eq!(refresh.findings().len(), 1);
}

#[tokio::test]
async fn a_browser_that_does_not_come_back_and_a_wrong_id_token_are_named() {
    let browser = listening(Duration::from_millis(1)).await;
    let (_provider, settings) = scripted(browser.origin());
    let checks = run(&input(settings), Some(browser)).await.unwrap();
    assert_eq!(codes(&checks), [Code::BrowserTimeout], "{}", plain(&checks));

    let browser = listening(Duration::from_mins(5)).await;
    let web = browser.origin().clone();
    let (provider, settings) = scripted(&web);
    let visit = async {
        let request = open(&web).await.unwrap();
        let claims = json!({ "nonce": "of-another-sign-in" });
        open(&provider.sign_in_with(request.as_str(), &claims)).await
    };
    let input = input(settings);
    let (checks, _) = tokio::join!(run(&input, Some(browser)), visit);
    let checks = checks.unwrap();
    assert_eq!(codes(&checks), [Code::IdTokenRefused], "{}", plain(&checks));
    assert_eq!(provider.received(Endpoint::Revocation).len(), 1, "the refresh token is revoked");
}
