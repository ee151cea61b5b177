//! Where the provider sends the browser after a sign-out.

use http::StatusCode;

use crate::harness::{TestResponse, Web};

fn assert_is_the_page(answer: &TestResponse) {
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("data-test=\"signed-out\""), "{}", answer.body);
    // Anybody can open this address: what happened at the provider is not known.
    assert!(answer.body.contains("You are signed out of this site. "), "{}", answer.body);
    assert!(!answer.body.contains("and at the sign-in service"), "{}", answer.body);
    assert!(answer.body.contains("href=\"/signin\""), "there is a way to sign in again");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(answer.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn whoever_comes_back_from_signing_out_is_told_so_and_can_sign_in_again() {
    let (web, secret) = Web::signed_in().await;
    web.post_as("/signout", &secret).await;
    assert_is_the_page(&web.get("/signedout?state=x").await);
}

#[tokio::test]
async fn the_page_is_the_same_whatever_the_state() {
    let web = Web::new().await;
    let page = web.get("/signedout").await;
    assert_is_the_page(&page);
    for query in [
        "",
        "state=here",
        "here&state=x",
        "state=",
        "state=another",
        "state=a&state=b",
        "state=%ff",
        "state=%3Cscript%3E",
        "&&=",
    ] {
        let answer = web.get(&format!("/signedout?{query}")).await;
        assert_is_the_page(&answer);
        assert_eq!(answer.body, page.body, "{query}");
    }
}

#[tokio::test]
async fn nobody_who_is_signed_in_is_told_that_they_are_not() {
    let (web, secret) = Web::signed_in().await;
    let answer = web.get_as("/signedout?state=x", &secret).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, Some("/")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(web.contents(&secret).await.is_some());
}

#[tokio::test]
async fn the_page_needs_neither_table_nor_provider() {
    let web = Web::new().await;
    web.store.pause().await;
    web.provider.stop().await;
    assert_is_the_page(&web.get("/signedout").await);
}
