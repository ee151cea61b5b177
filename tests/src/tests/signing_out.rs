//! Signing out, and what is left afterwards: nothing.

use crate::{
    answer::Answer, api::Api, page::SIGN_IN, person::Person, test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use reqwest::Method;
use serde_json::Value;

trials! {
    signing_out_ends_the_session_here_and_at_the_provider on any_page
        tries "A stolen cookie after its user signed out",
    the_back_button_shows_nothing_private
        tries "The back button on a shared computer",
    signing_out_from_elsewhere_is_refused
        tries "CSRF on the sign-out, also by a link",
    signing_out_works_twice_and_for_strangers,
}

async fn signing_out_ends_the_session_here_and_at_the_provider(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    let cookie = page.session_cookie().await?;
    page.sign_out(&person).await?;
    assert_eq!(page.browser.all_cookies("__Host-").await?, Vec::<String>::new());

    let stolen = Api::with_session(test, &cookie);
    Answer::to(stolen.get("/api/todos")).await?.problem(401);
    assert_eq!(Answer::to(stolen.get("/session")).await?.is(200).json()["user"], Value::Null);
    Answer::to(stolen.request(Method::POST, "/session/refresh")).await?.is(401);

    // The provider asks again who it is.
    page.browser.press(SIGN_IN).await?;
    page.browser.sees(crate::login::username_field(test.target())?).await
}

async fn the_back_button_shows_nothing_private(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    page.add("a private matter").await?;
    page.claims().await?;
    page.sign_out(&person).await?;
    for _ in 0..4 {
        page.browser.back().await?;
        if !crate::login::is_at_app(&page.browser, test.target()).await? {
            break;
        }
        let settled = "return document.readyState === 'complete'
            && !document.getElementById('main')?.hasAttribute('aria-busy')
            && !document.querySelector('[data-test=user-name]')";
        page.browser.until("a page without its user", settled, &[]).await?;
        let shown = page.browser.text().await?;
        assert!(!shown.contains("a private matter"), "{shown}");
        assert!(!shown.contains(&person.name), "{shown}");
    }
    Ok(())
}

async fn signing_out_from_elsewhere_is_refused(test: &TestContext) -> Result<()> {
    let (_, cookie) = test.session().await?;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = test.client.post("/signout").header(name, value);
        let request = request.header("cookie", format!("__Host-session={cookie}"));
        let answer = Answer::to(request).await?;
        assert_eq!(answer.status, 403, "{name}: {value}: {answer:?}");
        assert!(answer.cookies().is_empty(), "{answer:?}");
    }
    let get = test.client.get("/signout").header("cookie", format!("__Host-session={cookie}"));
    let answer = Answer::to(get).await?;
    assert_eq!(answer.status, 405, "a link signs out: {answer:?}");
    Answer::to(Api::with_session(test, cookie).get("/api/todos")).await?.is(200);
    Ok(())
}

async fn signing_out_works_twice_and_for_strangers(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    let cookie = page.session_cookie().await?;
    for cookie in [cookie.as_str(), &cookie, "nobodys", ""] {
        let request = test.client.post("/signout").header("sec-fetch-site", "same-origin");
        let request = request.header("cookie", format!("__Host-session={cookie}"));
        let answer = Answer::to(request).await?.is(303);
        let location = answer.header("location");
        let issuer = url::Url::parse(&test.target().provider.issuer)?;
        let target = test.target().url.join(location)?;
        let known = [issuer.origin(), test.target().url.origin()];
        assert!(known.contains(&target.origin()), "{location}");
        let cookies = answer.cookies();
        let cleared = cookies.iter().find(|cookie| cookie.starts_with("__Host-session="));
        let cleared = cleared.is_none_or(|it| it.to_ascii_lowercase().contains("max-age=0"));
        assert!(cleared, "{answer:?}");
    }
    Ok(())
}
