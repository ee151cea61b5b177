//! One's own sessions: seen, and ended from another browser.

use crate::{
    answer::Answer, api::Api, browser::by, login, page::Page, person::Person, target::Capability,
    test_context::TestContext, trial::trials,
};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

trials! {
    somebody_sees_their_own_sessions_and_nobody_elses
        tries "List another user's sessions, or to learn a secret from the list",
    nobody_ends_a_session_of_somebody_else
        tries "End another user's session",
    a_session_is_ended_from_another_browser,
    all_other_sessions_are_ended_at_once,
    a_stale_sign_in_is_asked_for_again_before_it_ends_another_session needs StepUp,
}

/// The button that ends a session which is not the one of this browser.
const OTHER: &str =
    "[data-test=session]:has([data-test=session-current][hidden]) [data-test=session-end]";

async fn somebody_sees_their_own_sessions_and_nobody_elses(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let (one, two) = (test.signed_in(&person).await?, test.signed_in(&person).await?);
    let api = Api::with_session(test, &one.session_cookie().await?);
    let answer = Answer::to(api.get("/sessions")).await?.is(200);
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    let listed = sessions(&answer)?;
    assert_eq!(listed.len(), 2, "{answer:?}");
    assert_eq!(listed.iter().filter(|session| session["current"] == true).count(), 1);
    for session in &listed {
        assert!(session["device"]["browser"].as_str().is_some(), "{answer:?}");
        assert!(session["created_at"].as_str().is_some(), "{answer:?}");
    }
    // Nothing of it opens a session.
    for page in [&one, &two] {
        assert!(!answer.body.contains(&page.session_cookie().await?));
    }
    let stranger = test.client.get("/sessions").header("x-csrf", "1");
    Answer::to(stranger).await?.problem(401);
    Ok(())
}

async fn nobody_ends_a_session_of_somebody_else(test: &TestContext) -> Result<()> {
    let theirs = test.signed_in(&Person::new(test.target())).await?;
    let their_api = Api::with_session(test, &theirs.session_cookie().await?);
    let listed = Answer::to(their_api.get("/sessions")).await?.is(200);
    let id = sessions(&listed)?[0]["id"].as_str().context("an id")?.to_owned();

    let (_, cookie) = test.session().await?;
    let api = Api::with_session(test, cookie);
    let path = format!("/sessions/{id}");
    for path in [path.as_str(), "/sessions/nobodys", "/sessions/..%2F", "/sessions/%00"] {
        let answer = Answer::to(api.request(Method::DELETE, path)).await?;
        assert!(matches!(answer.status, 401 | 404), "{path}: {answer:?}");
    }
    // Nor does another site, whoever is signed in.
    let forged = test.client.request(Method::DELETE, &path);
    let cookie = format!("__Host-session={}", theirs.session_cookie().await?);
    Answer::to(forged.header("cookie", cookie)).await?.problem(403);
    Answer::to(their_api.get("/api/todos")).await?.is(200);
    Ok(())
}

async fn a_session_is_ended_from_another_browser(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let (here, there) = (test.signed_in(&person).await?, test.signed_in(&person).await?);
    there.add("a private matter").await?;
    let cookie = there.session_cookie().await?;
    // Where a stronger sign-in is asked for first, the refusal is a line in the console.
    here.browser.forgive("status of 401");
    here.choose("sessions-link").await?;
    here.browser.click(OTHER).await?;
    if stronger_sign_in_is_asked_for(&here).await? {
        here.browser.press(&by("sign-in-again")).await?;
        login::walk(&here.browser, test.target(), &person).await?;
        // It leads back to where one was, and does nothing by itself.
        here.browser.click(OTHER).await?;
    }
    here.browser.loses(OTHER).await?;
    assert!(here.browser.shows(&by("session")).await?, "one's own session is still listed");

    let ended = Api::with_session(test, &cookie);
    Answer::to(ended.get("/api/todos")).await?.problem(401);
    // The page that was left open finds out when somebody looks at it again.
    there.browser.script("document.dispatchEvent(new Event('visibilitychange'))", &[]).await?;
    there.browser.sees(&by("session-ended")).await?;
    assert!(!there.browser.text().await?.contains("a private matter"));
    here.open("/").await?;
    here.has("a private matter").await
}

async fn all_other_sessions_are_ended_at_once(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let (here, there) = (test.signed_in(&person).await?, test.signed_in(&person).await?);
    here.browser.forgive("status of 401");
    here.choose("sessions-link").await?;
    let first = "[data-test=session]:first-child [data-test=session-current]:not([hidden])";
    here.browser.sees(first).await?;
    // Not in the list that is on the page.
    let late = test.signed_in(&person).await?;
    let summary = format!("{} summary", by("end-others"));
    here.browser.click(&summary).await?;
    here.browser.click(&by("end-others-cancel")).await?;
    here.browser.loses("details[open]").await?;
    let end_others = async |result: &str| {
        here.browser.click(&summary).await?;
        here.browser.click(&by("end-others-confirm")).await?;
        let script = "return document.querySelector(arguments[0]).textContent === arguments[1]";
        let arguments = [json!(by("end-others-result")), json!(result)];
        here.browser.until(&format!("the result {result}"), script, &arguments).await
    };
    if test.target().can(Capability::StepUp) {
        end_others("0 of 2 sessions ended.").await?;
        assert_eq!(here.browser.texts("sign-in-again").await?.len(), 1);
        here.browser.press(&by("sign-in-again")).await?;
        login::walk(&here.browser, test.target(), &person).await?;
        here.browser.sees(first).await?;
    }
    end_others("You are signed out everywhere else.").await?;
    here.browser.loses(OTHER).await?;
    for other in [there, late] {
        let ended = Api::with_session(test, &other.session_cookie().await?);
        Answer::to(ended.get("/api/todos")).await?.problem(401);
    }
    let own = Api::with_session(test, &here.session_cookie().await?);
    Answer::to(own.get("/api/todos")).await?.is(200);
    Ok(())
}

/// The target asks for a second factor: who has none is sent to give one, and
/// comes back to where they were.
async fn a_stale_sign_in_is_asked_for_again_before_it_ends_another_session(
    test: &TestContext,
) -> Result<()> {
    let person = Person::new(test.target());
    let (here, there) = (test.signed_in(&person).await?, test.signed_in(&person).await?);
    let api = Api::with_session(test, &here.session_cookie().await?);
    let listed = Answer::to(api.get("/sessions")).await?.is(200);
    let other = sessions(&listed)?.into_iter().find(|session| session["current"] == false);
    let other = other.context("another session")?["id"].as_str().context("an id")?.to_owned();
    let path = format!("/sessions/{other}");

    let refused = Answer::to(api.request(Method::DELETE, &path)).await?.problem(401).json();
    assert_eq!(refused["code"], "sign_in_again");
    let their_api = Api::with_session(test, &there.session_cookie().await?);
    Answer::to(their_api.get("/api/todos")).await?.is(200);

    let mut query = form_urlencoded::Serializer::new("return_to=%2F".to_owned());
    // What the sign-in must be like is said in the parameters of /signin: those that are there.
    for name in ["max_age", "prompt", "acr_values"] {
        match &refused[name] {
            Value::Null => continue,
            Value::String(value) => query.append_pair(name, value),
            value => query.append_pair(name, &value.to_string()),
        };
    }
    let signin = format!("{}/signin?{}", test.target().origin(), query.finish());
    here.browser.goto(&signin).await?;
    here.arrive(&person).await?;
    // The stronger sign-in is a session of its own.
    let api = Api::with_session(test, &here.session_cookie().await?);
    Answer::to(api.request(Method::DELETE, &path)).await?.is(204);
    Answer::to(their_api.get("/api/todos")).await?.problem(401);
    Ok(())
}

/// Waits for what comes of the button: the other session is gone, or cannot be ended yet.
async fn stronger_sign_in_is_asked_for(page: &Page) -> Result<bool> {
    let came = "return !document.querySelector(arguments[0])
        || !!document.querySelector(arguments[1])";
    let values = [OTHER.into(), by("sign-in-again").into()];
    page.browser.until("an answer", came, &values).await?;
    page.browser.shows(&by("sign-in-again")).await
}

fn sessions(answer: &Answer) -> Result<Vec<Value>> {
    answer.json()["sessions"].as_array().cloned().context("a list of sessions")
}
