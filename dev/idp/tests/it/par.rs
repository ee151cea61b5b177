use idp::Config;
use settings::Profile;

use crate::{
    browser::Reply,
    test_provider::{
        ADA, BASE, CALLBACK, CHALLENGE, TestProvider, apply, param, provider_like, provider_with,
    },
};

fn requiring() -> TestProvider {
    let like = Profile::named("generic").unwrap();
    provider_with(|config| Config { require_pushed_requests: true, like, ..config })
}

fn endpoint() -> String {
    format!("{BASE}/{}/oauth2/v2.0/par", idp::TENANT_ID)
}

async fn push(provider: &TestProvider, changes: &[(&str, &str)]) -> Reply {
    let web = provider.idp.web_app();
    let scope = format!("openid {}", provider.idp.scopes().join(" "));
    let mut params = vec![
        ("client_id", web.client_id),
        ("client_secret", &web.client_secret),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", &scope),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "pushed"),
    ];
    apply(changes, &mut params);
    provider.browser().post(&endpoint(), &params).await
}

fn authorize(provider: &TestProvider, request_uri: &str, client_id: &str) -> String {
    let mut url: url::Url = provider.authorize(&[]).parse().unwrap();
    url.query_pairs_mut()
        .clear()
        .append_pair("client_id", client_id)
        .append_pair("request_uri", request_uri);
    url.to_string()
}

fn request_uri(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.json()["expires_in"], 60);
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.json()["request_uri"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_pushed_request_leads_to_a_sign_in_once() {
    let provider = requiring();
    let pushed = request_uri(&push(&provider, &[]).await);
    let url = authorize(&provider, &pushed, provider.idp.web_app().client_id);
    let mut browser = provider.browser();
    let page = browser.follow(&url).await;
    let consent = browser.submit(&page, &ADA).await;
    let back = browser.accept(&consent).await;
    assert_eq!(param(&back, "state").as_deref(), Some("pushed"));
    let code = param(&back, "code").unwrap();
    assert_eq!(provider.redeem(&code, &[]).await.status, 200);
    assert_eq!(browser.get(&url).await.status, 400, "it was used");
}

#[tokio::test]
async fn a_request_uri_is_good_for_its_client_and_a_minute() {
    let provider = provider_like("generic");
    let web = provider.idp.web_app().client_id;
    let pushed = request_uri(&push(&provider, &[]).await);
    for (uri, client_id) in [
        (pushed.as_str(), provider.idp.daemon().client_id),
        ("urn:ietf:params:oauth:request_uri:guess", web),
        ("https://evil.example/request", web),
    ] {
        let reply = provider.browser().get(&authorize(&provider, uri, client_id)).await;
        assert_eq!(reply.status, 400, "{uri}");
    }
    provider.advance(59);
    assert_eq!(provider.browser().get(&authorize(&provider, &pushed, web)).await.status, 303);
    let pushed = request_uri(&push(&provider, &[]).await);
    provider.advance(60);
    assert_eq!(provider.browser().get(&authorize(&provider, &pushed, web)).await.status, 400);
}

#[tokio::test]
async fn a_request_is_judged_when_it_is_pushed() {
    let provider = provider_like("generic");
    for (changes, status, error) in [
        ([("client_secret", "wrong")], 401, "invalid_client"),
        ([("redirect_uri", "https://evil.example/")], 400, "invalid_request"),
        ([("scope", "openid Everything.All")], 400, "invalid_scope"),
        ([("code_challenge", "")], 400, "invalid_request"),
        ([("request_uri", "urn:x")], 400, "request_uri_not_supported"),
    ] {
        let reply = push(&provider, &changes).await;
        assert_eq!((reply.status, &reply.json()["error"]), (status, &error.into()), "{changes:?}");
    }
}

#[tokio::test]
async fn a_request_that_was_not_pushed_is_refused_where_that_is_required() {
    let provider = requiring();
    let back = provider.browser().get(&provider.authorize(&[])).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("invalid_request"));
    let metadata = provider.browser().get(provider.idp.metadata_url()).await.json();
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
    assert_eq!(metadata["pushed_authorization_request_endpoint"], endpoint());
}

#[test]
fn a_provider_without_pushed_requests_cannot_require_them() {
    let config = idp::Config::new(BASE.parse().unwrap(), "http://localhost:9".parse().unwrap());
    let error = idp::Idp::open(Config { require_pushed_requests: true, ..config }).err().unwrap();
    assert!(error.to_string().contains("Microsoft Entra External ID has no pushed"), "{error}");
}
