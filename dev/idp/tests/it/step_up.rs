use serde_json::{Map, Value};
use url::Url;

use crate::{
    visitor::{Reply, Visitor},
    world::{World, param, world},
};

const STRONG: (&str, &str) = ("acr_values", "mfa");

/// The code that the page shows in place of a telephone.
fn shown_code(page: &Reply) -> String {
    let (_, rest) = page.body.split_once("id=\"second-factor\">").unwrap();
    rest[..6].to_owned()
}

async fn give_code(visitor: &mut Visitor, page: &Reply) -> Reply {
    assert!(page.url.path().contains("/second-factor/"), "{}", page.url);
    let code = shown_code(page);
    let csrf = page.hidden_fields()[0].1.clone();
    visitor.post(page.url.as_str(), &[("csrf", &csrf), ("code", &code)]).await
}

async fn id_token(world: &World, back: &Url) -> Map<String, Value> {
    let tokens = world.redeem(&param(back, "code").unwrap(), &[]).await.json();
    world.verify(tokens["id_token"].as_str().unwrap(), world.idp.web_app().client_id).await
}

#[tokio::test]
async fn a_stronger_sign_in_asks_for_the_second_factor_once() {
    let world = world();
    let mut visitor = world.visitor();
    world.sign_in(&mut visitor, &[]).await;
    let page = visitor.follow(&world.authorize(&[STRONG])).await;
    let back = give_code(&mut visitor, &page).await.location();
    let id = id_token(&world, &back).await;
    assert_eq!((&id["acr"], &id["auth_time"]), (&"mfa".into(), &world.now().into()));
    let back = visitor.get(&world.authorize(&[STRONG])).await.location();
    assert_eq!(id_token(&world, &back).await["acr"], "mfa");
}

#[tokio::test]
async fn a_new_password_asks_for_a_new_second_factor() {
    let world = world();
    let mut visitor = world.visitor();
    world.sign_in(&mut visitor, &[]).await;
    let page = visitor.follow(&world.authorize(&[STRONG])).await;
    give_code(&mut visitor, &page).await.location();
    world.pass(61);
    let page = visitor.follow(&world.authorize(&[STRONG, ("max_age", "60")])).await;
    assert!(page.url.path().contains("/sign-in/"));
    let password = [("username", "ada@example.com"), ("password", "tollgate-dev")];
    let next = visitor.submit(&page, &password).await.location();
    let page = visitor.follow(next.as_str()).await;
    let back = give_code(&mut visitor, &page).await.location();
    assert_eq!(id_token(&world, &back).await["auth_time"], world.now());
}

#[tokio::test]
async fn a_wrong_code_goes_no_further() {
    let world = world();
    let mut visitor = world.visitor();
    world.sign_in(&mut visitor, &[]).await;
    let page = visitor.follow(&world.authorize(&[STRONG])).await;
    let csrf = page.hidden_fields()[0].1.clone();
    let wrong = if shown_code(&page) == "000000" { "000001" } else { "000000" };
    for code in [wrong, ""] {
        let reply = visitor.post(page.url.as_str(), &[("csrf", &csrf), ("code", code)]).await;
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("The code is wrong."));
    }
    let back = visitor.get(&world.authorize(&[STRONG, ("prompt", "none")])).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("interaction_required"));
    // Nor may another browser answer, nor who has signed out meanwhile.
    assert_eq!(world.visitor().get(page.url.as_str()).await.status, 410);
    visitor.get(&crate::sign_out::logout(&[("logout_hint", "ada@example.com")])).await;
    assert!(give_code(&mut visitor, &page).await.location().path().contains("/sign-in/"));
}

#[tokio::test]
async fn the_first_value_that_is_known_counts_and_others_do_no_harm() {
    let world = world();
    let mut visitor = world.visitor();
    world.sign_in(&mut visitor, &[]).await;
    for values in ["pwd mfa", "unknown pwd", "unknown"] {
        let back = visitor.get(&world.authorize(&[("acr_values", values)])).await.location();
        assert_eq!(id_token(&world, &back).await["acr"], "pwd", "{values}");
    }
    let page = visitor.follow(&world.authorize(&[("acr_values", "unknown mfa")])).await;
    assert!(page.url.path().contains("/second-factor/"));
    let back = visitor.get(&world.authorize(&[])).await.location();
    assert!(id_token(&world, &back).await.get("acr").is_none(), "nobody asked");
}

#[tokio::test]
async fn a_first_sign_in_asks_for_password_second_factor_and_consent() {
    let world = world();
    let mut visitor = world.visitor();
    let page = visitor.follow(&world.authorize(&[STRONG])).await;
    let password = [("username", "ada@example.com"), ("password", "tollgate-dev")];
    let next = visitor.submit(&page, &password).await.location();
    let page = visitor.follow(next.as_str()).await;
    let next = give_code(&mut visitor, &page).await.location();
    let page = visitor.follow(next.as_str()).await;
    let back = visitor.submit(&page, &[("decision", "accept")]).await.location();
    assert_eq!(id_token(&world, &back).await["acr"], "mfa");
}
