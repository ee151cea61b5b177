//! The examples of docs/your-api.md: three APIs behind the gate, through one session.

use super::look;
use crate::{
    answer::Answer,
    api::Api,
    browser::by,
    client::Body as _,
    control::Control,
    page::{ENTER, Page},
    person::Person,
    target::{Capability, Target},
    test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use uuid::Uuid;

trials! {
    the_page_uses_three_apis_through_one_session on any_page needs OrdersPage,
    the_page_renews_the_token_of_each_api on any_page needs OrdersPage,
    each_api_answers_one_session_until_it_ends on any_page needs Examples
        tries "A session's cookie after its end, and without the page's header, at APIs behind the gate",
    each_api_answers_a_machine on any_page needs Examples,
    what_no_policy_names_is_denied on any_page needs Examples
        tries "Routes and methods of APIs behind the gate that no policy names",
}

async fn the_page_uses_three_apis_through_one_session(test: &TestContext) -> Result<()> {
    let person = Person::ada(test.target());
    let page = Page::visit(test.browser().await?, test.target()).await?;
    // The session has no token of the other API yet.
    page.browser.forgive("status of 401");
    look::check(test, &page.browser, "orders-welcome").await?;
    page.sign_in(&person).await?;
    order_of_each(&page, test.target()).await?;
    look::check(test, &page.browser, "orders").await?;
    page.sign_out(&person).await
}

async fn the_page_renews_the_token_of_each_api(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    page.browser.forgive("status of 401");
    // Until nothing of this session is under way any more.
    order_of_each(&page, test.target()).await?;
    let control = Control::of(test, &person)?;
    control.order(&[("access_token_seconds", "-3600")]).await?;
    page.browser
        .goto(&format!("{}/signin?return_to=/api/openapi.json", test.target().origin()))
        .await?;
    control.order(&[]).await?;
    page.open("/").await?;
    order_of_each(&page, test.target()).await?;
    assert!(!page.browser.shows(&by("session-ended")).await?);
    Ok(())
}

/// Orders something at each API and finds it again on a new page.
async fn order_of_each(page: &Page, target: &Target) -> Result<()> {
    let what = |name: &str| format!("Coffee of {name}");
    for name in &target.examples {
        let input = format!("{} {}", by(name), by("new-order"));
        page.browser.fill(&input, &format!("{}{ENTER}", what(name))).await?;
        has_order(page, name, &what(name)).await?;
    }
    page.reload().await?;
    for name in &target.examples {
        has_order(page, name, &what(name)).await?;
        assert!(!page.browser.shows(&format!("{} {}", by(name), by("error"))).await?);
    }
    Ok(())
}

async fn has_order(page: &Page, name: &str, text: &str) -> Result<()> {
    let script = "return [...document.querySelectorAll(arguments[0])]
        .some(row => row.textContent === arguments[1])";
    let orders = json!(format!("{} {}", by(name), by("order")));
    page.browser.until(text, script, &[orders, json!(text)]).await.map(drop)
}

async fn each_api_answers_one_session_until_it_ends(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = Page::visit(test.browser().await?, test.target()).await?;
    page.browser.forgive("status of 401");
    // Our page asks for todos, which a gate alone denies.
    page.browser.forgive("status of 403");
    page.sign_in(&person).await?;
    let cookie = page.session_cookie().await?;
    let api = Api::with_session(test, &cookie);
    for name in &test.target().examples {
        if name == "orders-http" {
            Answer::to(api.request(Method::POST, "/session/refresh?api=orders")).await?.is(204);
        }
        orders(test, name, |method, path| api.request(method, path)).await?;
        let bare = test.client.get(&path(name));
        let bare = bare.header("cookie", format!("__Host-session={cookie}"));
        Answer::to(bare).await?.is(403);
    }
    page.sign_out(&person).await?;
    for name in &test.target().examples {
        Answer::to(api.get(&path(name))).await?.is(401);
    }
    Ok(())
}

async fn each_api_answers_a_machine(test: &TestContext) -> Result<()> {
    let provider = &test.target().provider;
    for name in &test.target().examples {
        let machine = if name == "orders-http" { &provider.orders } else { &provider.daemon };
        let token = test.token(machine.as_ref()).await?;
        let request = |method, path: &str| {
            test.client.request(method, path).header("authorization", format!("Bearer {token}"))
        };
        orders(test, name, request).await?;
        Answer::to(test.client.get(&path(name))).await?.is(401);
    }
    // A token of one API opens no other.
    let token = test.token(provider.orders.as_ref()).await?;
    for name in test.target().examples.iter().filter(|name| *name != "orders-http") {
        let request =
            test.client.get(&path(name)).header("authorization", format!("Bearer {token}"));
        Answer::to(request).await?.is(401);
    }
    Ok(())
}

async fn what_no_policy_names_is_denied(test: &TestContext) -> Result<()> {
    let token = test.daemon_token().await?;
    for name in &test.target().examples {
        // A function in Rust has no policies: what it has no route for isn't there.
        let status = if name == "orders-rust" { 405 } else { 403 };
        for (method, path, status) in [
            (Method::DELETE, path(name), status),
            (Method::GET, path(name) + "/1", 403),
            (Method::GET, path(name) + "-2", 403),
        ] {
            let request = test.client.request(method, &path);
            let request = request.header("authorization", format!("Bearer {token}"));
            Answer::to(request).await?.is(status);
        }
    }
    Ok(())
}

/// Makes an order and, where one instance answers all requests, finds it in the list.
async fn orders(
    test: &TestContext,
    name: &str,
    request: impl Fn(Method, &str) -> RequestBuilder,
) -> Result<()> {
    let (path, tea) = (path(name), format!("Tea {}", Uuid::new_v4()));
    let new = request(Method::POST, &path).json_body(&json!({ "text": tea }));
    assert_eq!(Answer::to(new).await?.is(201).json()["text"], tea);
    let list = Answer::to(request(Method::GET, &path)).await?.is(200).json();
    let items = list["items"].as_array().expect("a list");
    let is_there = items.iter().any(|order| order["text"] == tea);
    assert!(is_there || !test.target().can(Capability::OrdersPage), "{name}: {list}");
    Ok(())
}

fn path(name: &str) -> String {
    format!("/api/{name}")
}
