//! How a sign-in comes back, and who is turned away.

use crate::{
    answer::Answer,
    api::Api,
    browser::by,
    intercepted_callback::{self, intercept},
    login,
    page::Page,
    person::Person,
    test_context::TestContext,
    trial::trials,
};
use anyhow::{Context, Result};

trials! {
    a_state_that_nobody_gave_out_opens_nothing
        tries "A made-up state",
    an_answer_without_its_cookie_opens_nothing
        tries "A code without its transaction",
    an_answer_cannot_be_used_twice
        tries "Replay an authorization response",
    a_replay_while_signed_in_goes_home_and_changes_nothing
        tries "Replay a response in the browser that used it",
    an_answer_counts_in_its_own_browser_only
        tries "A response in another browser: log-in CSRF",
    a_code_of_another_attempt_is_refused
        tries "Inject the code of another sign-in",
    two_tabs_can_finish_in_either_order,
    a_new_session_has_a_new_secret
        tries "Fix the session secret before sign-in",
    an_error_of_the_provider_is_a_page_with_a_way_on,
    what_the_provider_says_is_not_repeated
        tries "Script in the error of an authorization response",
    an_answer_of_another_issuer_is_refused
        tries "Mix up providers: a response with another iss",
    who_changes_their_mind_can_go_on,
    only_the_browser_that_began_pushes_a_request
        tries "Pushed requests with another browser's state, or a request_uri of our own",
    a_post_by_anybody_does_no_harm
        tries "Forms posted to every route of a sign-in",
    hostile_answers_are_pages_and_no_crash
        tries "Authorization responses that are malformed, doubled or huge",
}

async fn a_state_that_nobody_gave_out_opens_nothing(test: &TestContext) -> Result<()> {
    let answer = Answer::to(test.client.get("/callback?code=c&state=nobodys")).await?;
    is_error_page(&answer);
    Ok(())
}

async fn an_answer_without_its_cookie_opens_nothing(test: &TestContext) -> Result<()> {
    let (state, _) = begin(test).await?;
    let answer = Answer::to(test.client.get(&format!("/callback?code=c&state={state}"))).await?;
    is_error_page(&answer);
    Ok(())
}

async fn an_answer_cannot_be_used_twice(test: &TestContext) -> Result<()> {
    let caught = intercept(test, "/").await?;
    let first = caught.deliver(test).await?.is(303);
    assert_eq!(session_of(&first).len(), 1);
    is_error_page(&caught.deliver(test).await?);
    Ok(())
}

async fn a_replay_while_signed_in_goes_home_and_changes_nothing(test: &TestContext) -> Result<()> {
    let caught = intercept(test, "/").await?;
    let first = caught.deliver(test).await?.is(303);
    let session = session_of(&first).remove(0);
    let cookie = format!("{}; {session}", caught.cookie);
    let again = Answer::to(test.client.get(&caught.path).header("cookie", cookie)).await?.is(303);
    assert_eq!(again.header("location"), "/");
    assert!(session_of(&again).is_empty(), "{again:?}");
    let secret = session.trim_start_matches("__Host-session=");
    Answer::to(Api::with_session(test, secret).get("/api/todos")).await?.is(200);
    Ok(())
}

async fn an_answer_counts_in_its_own_browser_only(test: &TestContext) -> Result<()> {
    let caught = intercept(test, "/").await?;
    is_error_page(&Answer::to(test.client.get(&caught.path)).await?);
    let (_, other) = begin(test).await?;
    is_error_page(&Answer::to(test.client.get(&caught.path).header("cookie", other)).await?);
    // Nobody used it up for the one it belongs to.
    caught.deliver(test).await?.is(303);
    Ok(())
}

/// PKCE and the nonce tie the code to the attempt that it was asked for.
async fn a_code_of_another_attempt_is_refused(test: &TestContext) -> Result<()> {
    let (mine, theirs) = (intercept(test, "/").await?, intercept(test, "/").await?);
    let mixed = mine.path.replace(&mine.parameter("code")?, &theirs.parameter("code")?);
    let answer = Answer::to(test.client.get(&mixed).header("cookie", &mine.cookie)).await?;
    is_error_page(&answer);
    Ok(())
}

async fn two_tabs_can_finish_in_either_order(test: &TestContext) -> Result<()> {
    let first = intercept(test, "/?tab=1").await?;
    let second = intercept(test, "/?tab=2").await?;
    let both = format!("{}; {}", first.cookie, second.cookie);
    for (caught, place) in [(&second, "/?tab=2"), (&first, "/?tab=1")] {
        let request = test.client.get(&caught.path).header("cookie", &both);
        let answer = Answer::to(request).await?.is(303);
        assert_eq!(answer.header("location"), place);
        assert_eq!(session_of(&answer).len(), 1);
    }
    Ok(())
}

/// Fixation: a cookie that was there before does not become the session.
async fn a_new_session_has_a_new_secret(test: &TestContext) -> Result<()> {
    let caught = intercept(test, "/").await?;
    let planted = format!("{}; __Host-session={}", caught.cookie, "A".repeat(43));
    let answer = Answer::to(test.client.get(&caught.path).header("cookie", planted)).await?;
    let session = session_of(&answer.is(303)).remove(0);
    assert!(!session.contains(&"A".repeat(43)), "{session}");
    Ok(())
}

async fn an_error_of_the_provider_is_a_page_with_a_way_on(test: &TestContext) -> Result<()> {
    for error in ["access_denied", "server_error", "temporarily_unavailable", "made_up"] {
        let (state, cookie) = begin(test).await?;
        let issuer = encoded(&test.target().provider.issuer);
        let path = format!("/callback?error={error}&state={state}&iss={issuer}");
        let answer = Answer::to(test.client.get(&path).header("cookie", cookie)).await?;
        is_error_page(&answer);
        assert!(answer.body.contains("href=\"/"), "a way on: {answer:?}");
    }
    Ok(())
}

async fn what_the_provider_says_is_not_repeated(test: &TestContext) -> Result<()> {
    let (state, cookie) = begin(test).await?;
    let issuer = encoded(&test.target().provider.issuer);
    let script = encoded("<script>alert(1)</script>");
    let path = format!(
        "/callback?error=access_denied&error_description={script}&error_uri={script}&state={state}&iss={issuer}"
    );
    let answer = Answer::to(test.client.get(&path).header("cookie", cookie)).await?;
    is_error_page(&answer);
    assert!(!answer.body.contains("<script") && !answer.body.contains("alert"), "{answer:?}");
    Ok(())
}

/// RFC 9207, where the provider says that it sends `iss`; and a wrong one is
/// wrong whatever the provider says.
async fn an_answer_of_another_issuer_is_refused(test: &TestContext) -> Result<()> {
    let caught = intercept(test, "/").await?;
    let issuer = encoded("https://evil.example");
    let path = match caught.parameter("iss") {
        Ok(iss) => caught.path.replace(&format!("iss={iss}"), &format!("iss={issuer}")),
        Err(_) => format!("{}&iss={issuer}", caught.path),
    };
    is_error_page(&Answer::to(test.client.get(&path).header("cookie", &caught.cookie)).await?);
    // The code was not sent anywhere.
    caught.deliver(test).await?.is(303);
    Ok(())
}

async fn only_the_browser_that_began_pushes_a_request(test: &TestContext) -> Result<()> {
    let (state, _) = begin(test).await?;
    for query in [
        String::new(),
        "state=nobodys".to_owned(),
        format!("state={state}"),
        format!("state={state}&request_uri=https%3A%2F%2Fevil.example&client_id=mine"),
    ] {
        is_error_page(&Answer::to(test.client.get(&format!("/signin/pushed?{query}"))).await?);
    }
    Ok(())
}

async fn who_changes_their_mind_can_go_on(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = Page::visit(test.browser().await?, test.target()).await?;
    page.browser.forgive("the server responded with a status of 4");
    page.browser.press(&by("sign-in")).await?;
    login::leave(&page.browser, test.target()).await?;
    page.browser.sees(&by("error-code")).await?;
    assert!(login::is_at_app(&page.browser, test.target()).await?);
    page.browser.press("main a").await?;
    login::walk(&page.browser, test.target(), &person).await?;
    // The first way on leads to another try or home, and both go on from there.
    if page.browser.shows(&by("sign-in")).await? {
        page.sign_in(&person).await?;
    }
    page.arrive(&person).await
}

/// Of the tutorial's own sample an anonymous POST ended the process.
async fn a_post_by_anybody_does_no_harm(test: &TestContext) -> Result<()> {
    for (content_type, body) in [
        ("application/x-www-form-urlencoded", "code=c&state=s"),
        ("application/x-www-form-urlencoded", ""),
        ("application/json", "{}"),
        ("text/plain", "\u{0}"),
    ] {
        for path in ["/callback", "/signin", "/session", "/"] {
            let request = test.client.post(path).header("content-type", content_type).body(body);
            let answer = Answer::to(request).await?;
            assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
        }
    }
    Answer::to(test.client.get("/")).await?.is(200);
    Answer::to(test.client.get("/signin")).await?.is(302);
    is_error_page(&Answer::to(test.client.get("/callback?code=c&state=s")).await?);
    Ok(())
}

async fn hostile_answers_are_pages_and_no_crash(test: &TestContext) -> Result<()> {
    let (state, cookie) = begin(test).await?;
    let long = "a".repeat(4000);
    for query in [
        "",
        "code=c",
        "state=",
        &format!("state={state}"),
        &format!("state={state}&state={state}&code=c"),
        &format!("state={state}&code=c&code=d"),
        &format!("state={state}&code=%00"),
        &format!("state={state}&error="),
        &format!("state={long}&code=c"),
        "state=%ff%fe&code=c",
        "state=%&code=%",
        "state[]=a&code[]=b",
        "code=c&state=..%2F..%2F",
    ] {
        let answer =
            Answer::to(test.client.get(&format!("/callback?{query}")).header("cookie", &cookie))
                .await?;
        is_error_page(&answer);
    }
    for cookie in ["__Host-signin-x", "__Host-signin-=", "=", ";;;", "__Host-signin-nobodys=AAAA"] {
        let request = test.client.get("/callback?code=c&state=nobodys").header("cookie", cookie);
        is_error_page(&Answer::to(request).await?);
    }
    Ok(())
}

/// Begins a sign-in without a browser: the state and the attempt's cookie.
async fn begin(test: &TestContext) -> Result<(String, String)> {
    let (location, cookie) = intercepted_callback::begin(test, "/signin").await?;
    let state = location.query_pairs().find(|(name, _)| name == "state").context("no state")?;
    Ok((state.1.into_owned(), cookie))
}

/// The sessions that an answer opens.
fn session_of(answer: &Answer) -> Vec<String> {
    let cookies = answer.cookies().into_iter();
    cookies
        .filter(|cookie| cookie.starts_with("__Host-session="))
        .filter(|cookie| !cookie.to_ascii_lowercase().contains("max-age=0"))
        .map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned())
        .collect()
}

/// A refusal for people: no session, nothing to keep, a code to read out.
#[track_caller]
fn is_error_page(answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    assert!(answer.body.contains("data-test=\"error-code\""), "{answer:?}");
    assert!(session_of(answer).is_empty(), "a session was opened: {answer:?}");
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
