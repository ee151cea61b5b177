use axum::http::Request;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::test_provider::{BASE, TestProvider, VERIFIER, param, provider};

async fn code(provider: &TestProvider) -> String {
    param(&provider.sign_in(&mut provider.browser(), &[]).await, "code").unwrap()
}

#[tokio::test]
async fn a_code_gives_tokens_as_entra_writes_them() {
    let provider = provider();
    let tokens = provider.tokens().await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 75 * 60);
    assert_eq!(tokens["scope"], provider.idp.scopes().join(" "));

    let ada = provider.idp.demo_users()[0].object_id;
    let web = provider.idp.web_app().client_id;
    let access = provider.verify(&tokens["access_token"], idp::API_CLIENT_ID).await;
    let mut scopes: Vec<_> = permissions::all().map(|it| it.scope).collect();
    scopes.sort_unstable();
    assert_eq!(access["scp"], scopes.join(" "));
    assert_eq!(access["oid"], ada);
    assert_eq!(access["azp"], web);
    assert_eq!(access["azpacr"], "1");
    assert_eq!(access["exp"], provider.now() + 75 * 60);
    assert_eq!(access["name"], "Ada Lovelace");
    assert!(access.get("idtyp").is_none() && access.get("roles").is_none());

    let id = provider.verify(&tokens["id_token"], web).await;
    assert_eq!(id["nonce"], "the nonce");
    assert_eq!(id["preferred_username"], "ada@example.com");
    assert_eq!(id["email"], "ada@example.com");
    assert_eq!(id["sid"], access["sid"]);
    assert_eq!(id["oid"], ada);
    assert_ne!(id["sub"], access["sub"], "the subject is pairwise");
    assert_ne!(id["sub"], ada);
    assert!(id.get("auth_time").is_none() && id.get("at_hash").is_none());
}

#[tokio::test]
async fn auth_time_is_present_when_max_age_was_sent() {
    let provider = provider();
    let began = provider.now();
    let mut browser = provider.browser();
    provider.sign_in(&mut browser, &[]).await;
    provider.advance(30);
    let back = browser.get(&provider.authorize(&[("max_age", "60")])).await.location();
    let tokens = provider.tokens_at(&back).await;
    let id = &tokens["id_token"];
    assert_eq!(provider.verify(id, provider.idp.web_app().client_id).await["auth_time"], began);
}

#[tokio::test]
async fn only_the_requested_scopes_are_granted() {
    let provider = provider();
    let scope = format!("openid {}", provider.idp.scopes()[0]);
    let back = provider.sign_in(&mut provider.browser(), &[("scope", &scope), ("nonce", "")]).await;
    let tokens = provider.tokens_at(&back).await;
    assert!(tokens.get("refresh_token").is_none(), "offline_access was not asked");
    let access = &tokens["access_token"];
    assert_eq!(
        provider.verify(access, idp::API_CLIENT_ID).await["scp"],
        scope.rsplit_once('/').unwrap().1
    );
}

#[tokio::test]
async fn a_sign_in_without_api_scopes_gives_no_token_for_the_api() {
    let provider = provider();
    let back = provider.sign_in(&mut provider.browser(), &[("scope", "openid profile")]).await;
    let tokens = provider.tokens_at(&back).await;
    let graph = "00000003-0000-0000-c000-000000000000";
    provider.verify(&tokens["access_token"], graph).await;
}

#[tokio::test]
async fn a_wrong_verifier_is_refused_and_leaves_the_code_unused() {
    let provider = provider();
    let code = code(&provider).await;
    let other = "x".repeat(43);
    for (changes, number) in [
        (&[("code_verifier", other.as_str())][..], 501_481),
        (&[("code_verifier", "")], 900_144),
        (&[("redirect_uri", "http://localhost:9/other")], 500_112),
    ] {
        let reply = provider.redeem(&code, changes).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["error_codes"], json!([number]), "{changes:?}");
    }
    assert_eq!(provider.redeem(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn a_code_is_good_for_its_own_client_only() {
    let provider = provider();
    let code = code(&provider).await;
    let params = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", crate::test_provider::CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let reply = provider.token(&provider.idp.daemon(), &params, &[]).await;
    assert_eq!(reply.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_reused_code_is_refused_and_revokes_what_it_gave() {
    let provider = provider();
    let code = code(&provider).await;
    let tokens = provider.redeem(&code, &[]).await.json();
    let refresh = &tokens["refresh_token"];
    // A leaked code without its verifier cannot end a sign-in.
    provider.redeem(&code, &[("code_verifier", &"x".repeat(43))]).await;
    let refreshed = provider.refresh(refresh, &[]).await;
    assert_eq!(refreshed.status, 200);
    let next = refreshed.json()["refresh_token"].clone();

    let reply = provider.redeem(&code, &[]).await;
    assert_eq!((reply.status, &reply.json()["error_codes"]), (400, &json!([54005])));
    for token in [refresh, &next] {
        assert_eq!(provider.refresh(token, &[]).await.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn a_code_lives_five_minutes() {
    let provider = provider();
    let (late, in_time) = (code(&provider).await, code(&provider).await);
    provider.advance(299);
    assert_eq!(provider.redeem(&in_time, &[]).await.status, 200);
    provider.advance(1);
    let reply = provider.redeem(&late, &[]).await;
    assert_eq!(reply.json()["error_codes"], json!([70008]));
    assert_eq!(provider.redeem("made up", &[]).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn errors_have_entras_form() {
    let provider = provider();
    let reply = provider.redeem("made up", &[]).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    let description = body["error_description"].as_str().unwrap();
    assert!(description.starts_with("AADSTS70008: "));
    assert!(description.contains(body["trace_id"].as_str().unwrap()));
    assert!(description.contains(body["correlation_id"].as_str().unwrap()));
    assert!(description.ends_with(body["timestamp"].as_str().unwrap()));
}

#[tokio::test]
async fn a_client_without_its_secret_is_401() {
    let provider = provider();
    for secret in ["wrong", ""] {
        let reply = provider.redeem("code", &[("client_secret", secret)]).await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.json()["error"], "invalid_client");
    }
    let reply = provider.redeem("code", &[("client_id", "nobody")]).await;
    assert_eq!(reply.json()["error"], "unauthorized_client");
}

#[tokio::test]
async fn basic_authentication_is_form_decoded() {
    let provider = provider();
    let code = code(&provider).await;
    let web = provider.idp.web_app();
    assert!(web.client_secret.contains('~'), "it must survive its encoding");
    let secret: String =
        url::form_urlencoded::byte_serialize(web.client_secret.as_bytes()).collect();
    let body = format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}\
         &redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fcallback"
    );
    let send = async |credentials: String, body: String| {
        let request = Request::post(provider.idp.token_endpoint())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("Basic {}", STANDARD.encode(credentials)));
        provider.browser().send(request, BASE, body).await
    };
    let good = format!("{}:{secret}", web.client_id);
    let both = send(good.clone(), format!("{body}&client_secret=x")).await;
    assert_eq!(both.status, 400);
    assert_eq!(send(format!("{}:wrong", web.client_id), body.clone()).await.status, 401);
    assert_eq!(send("no colon".to_owned(), body.clone()).await.status, 401);
    assert_eq!(send(good, body).await.status, 200);
}

#[tokio::test]
async fn invalid_token_requests_are_400() {
    let provider = provider();
    let web = provider.idp.web_app();
    let reply = provider.token(&web, &[("grant_type", "password")], &[]).await;
    assert_eq!(reply.json()["error"], "unsupported_grant_type");
    let reply = provider.token(&web, &[], &[]).await;
    assert_eq!(reply.json()["error"], "invalid_request");
    let twice = [("grant_type", "refresh_token"), ("grant_type", "refresh_token")];
    assert_eq!(provider.token(&web, &twice, &[]).await.status, 400);
    let json =
        Request::post(provider.idp.token_endpoint()).header("content-type", "application/json");
    assert_eq!(provider.browser().send(json, BASE, "{}".to_owned()).await.status, 400);
    assert_eq!(provider.browser().get(provider.idp.token_endpoint()).await.status, 405);
}
