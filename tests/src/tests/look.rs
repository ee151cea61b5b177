//! How the pages look on phones and desks, and whether axe finds them accessible. With
//! `TOLLGATE_SCREENSHOTS`, pictures of them.

use crate::{
    browser::{Browser, by},
    login,
    page::Page,
    person::Person,
    target::Capability,
    test_context::TestContext,
    trial::trials,
};
use anyhow::{Context, Result};
use serde_json::json;

trials! {
    it_fits_a_phone_and_a_desk_by_day_and_by_night,
    the_pages_around_it_fit_and_are_accessible,
    the_provider_s_pages_fit_and_are_accessible needs Control,
}

const DEVICES: [(&str, u32, u32); 3] =
    [("phone", 390, 844), ("narrow", 320, 640), ("desk", 1200, 800)];

async fn it_fits_a_phone_and_a_desk_by_day_and_by_night(test: &TestContext) -> Result<()> {
    let person = Person::ada(test.target());
    let page = test.signed_in(&person).await?;
    let browser = &page.browser;
    for todo in [
        "Read the runbook before the on-call week",
        "Rotate the client secret",
        "Ask Ada about the analytical engine",
        "Send Grace the notes on compilers",
        "Buy milk",
    ] {
        page.add(todo).await?;
    }
    page.toggle("Rotate the client secret").await?;
    check(test, browser, "todos").await?;
    browser.click(&by("account-menu")).await?;
    check(test, browser, "menu").await?;
    browser.click("h1").await?;
    page.add(&"Aword".repeat(40)).await?;
    page.delete("Buy milk").await?;
    // The focus keeps the notice open.
    let focus = "document.querySelector(arguments[0]).focus()";
    browser.script(focus, &[json!(by("notice-action"))]).await?;
    check(test, browser, "toast").await?;
    browser.click(&by("show-keys")).await?;
    check(test, browser, "keys").await?;
    browser.click(&by("keys-close")).await?;
    page.claims().await?;
    check(test, browser, "claims").await
}

async fn the_pages_around_it_fit_and_are_accessible(test: &TestContext) -> Result<()> {
    let person = Person::known(test.target(), 1);
    let page = Page::visit(test.browser().await?, test.target()).await?;
    let browser = &page.browser;
    browser.forgive("Failed to load resource");
    check(test, browser, "welcome").await?;
    for (path, name) in
        [("/signedout", "signed-out"), ("/nothing", "not-found"), ("/callback?code=x", "error")]
    {
        page.open(path).await?;
        check(test, browser, name).await?;
    }
    page.open("/").await?;
    page.sign_in(&person).await?;
    test.signed_in(&person).await?;
    page.choose("sessions-link").await?;
    browser.click("summary").await?;
    check(test, browser, "sessions").await?;
    page.lose_session().await?;
    browser.script("document.dispatchEvent(new Event('visibilitychange'))", &[]).await?;
    browser.sees(&by("session-ended")).await?;
    check(test, browser, "session-ended").await
}

async fn the_provider_s_pages_fit_and_are_accessible(test: &TestContext) -> Result<()> {
    let (target, person) = (test.target(), Person::new(test.target()));
    let browser = test.browser().await?;
    let acr = target.step_up_acr.as_ref().map(|acr| format!("?acr_values={acr}"));
    for query in [String::new(), "?prompt=select_account".to_owned()].into_iter().chain(acr) {
        browser.goto(&format!("{}/signin{query}", target.origin())).await?;
        login::walk_with(&browser, target, &person, async || {
            let name = browser.script("return document.title.split(' · ')[0]", &[]).await?;
            let name = name.as_str().unwrap_or_default().replace(' ', "-");
            check(test, &browser, &format!("provider-{name}")).await
        })
        .await?;
    }
    let control = target.provider.control.as_ref().ok_or(Capability::Control)?;
    for path in [String::new(), format!("/users/{}", person.username)] {
        browser.goto(&format!("{control}{path}")).await?;
        check(test, &browser, &format!("provider-control{}", path.len().min(1))).await?;
    }
    let metadata = format!("{}/.well-known/openid-configuration", target.provider.issuer);
    browser.goto(&metadata).await?;
    let endpoint = "return JSON.parse(document.body.innerText).end_session_endpoint";
    let endpoint = browser.script(endpoint, &[]).await?;
    browser.goto(endpoint.as_str().context("a sign-out endpoint")?).await?;
    check(test, &browser, "provider-sign-out").await?;
    browser.press("#sign-out").await?;
    browser.loses("#continue").await?;
    check(test, &browser, "provider-signed-out").await
}

/// The view fits all devices in both themes. axe checks it on a light desk and a dark phone.
pub(super) async fn check(test: &TestContext, browser: &Browser, view: &str) -> Result<()> {
    browser.sees("main h1").await?;
    for theme in ["light", "dark"] {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        browser.devtools("Emulation.setEmulatedMedia", media).await?;
        for (device, width, height) in DEVICES {
            let metrics = json!({
                "width": width, "height": height, "deviceScaleFactor": 2, "mobile": device != "desk",
            });
            browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
            let fits = "return innerWidth === arguments[0]
                && document.documentElement.scrollWidth <= arguments[0]";
            let what = format!("{view} to fit a {theme} {device}");
            browser.until(&what, fits, &[json!(width)]).await?;
            test.keep_picture(browser, &format!("{view}-{theme}-{device}")).await?;
            if matches!((theme, device), ("light", "desk") | ("dark", "phone")) {
                is_accessible(test, browser, &what).await?;
            }
        }
        // The ground is as bright as the theme says.
        let ground = "const grounds = [document.body, document.documentElement]
                .map(element => getComputedStyle(element).backgroundColor);
            const [r, g, b] = grounds.find(ground => !ground.endsWith(', 0)'))
                .match(/[0-9.]+/g).map(Number);
            return (r + g + b) / 3 > 127 ? 'light' : 'dark'";
        assert_eq!(browser.script(ground, &[]).await?, theme);
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await?;
    browser.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await.map(drop)
}

async fn is_accessible(test: &TestContext, browser: &Browser, what: &str) -> Result<()> {
    let Some(axe) = test.axe() else { return Ok(()) };
    if browser.script("return 'axe' in window", &[]).await? != true {
        browser.script(axe, &[]).await?;
    }
    let run = "const done = arguments[0];
        axe.run(document, { resultTypes: ['violations'] })
            .then(({ violations }) => done(violations.flatMap(({ id, nodes }) =>
                nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))))";
    let violations = browser.script_async(run, &[]).await?;
    assert_eq!(violations, json!([]), "{what}");
    Ok(())
}
