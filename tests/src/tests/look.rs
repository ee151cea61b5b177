//! How the page looks on what people have; pictures of it where they are wanted.

use crate::{
    browser::{Browser, by},
    person::Person,
    test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use serde_json::json;

trials! {
    it_fits_a_phone_and_a_desk_by_day_and_by_night,
}

const DEVICES: [(&str, u32, u32); 3] =
    [("phone", 390, 844), ("narrow", 320, 640), ("desk", 1200, 800)];

async fn it_fits_a_phone_and_a_desk_by_day_and_by_night(test: &TestContext) -> Result<()> {
    let person = Person::ada(test.target());
    let page = test.signed_in(&person).await?;
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
    pictures(test, &page.browser, "todos").await?;
    page.add(&"Aword".repeat(40)).await?;
    pictures(test, &page.browser, "long-word").await?;
    page.claims().await?;
    pictures(test, &page.browser, "claims").await?;
    page.sign_out(&person).await?;
    pictures(test, &page.browser, "signed-out").await?;
    page.open("/").await?;
    pictures(test, &page.browser, "welcome").await
}

async fn pictures(test: &TestContext, browser: &Browser, view: &str) -> Result<()> {
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
    browser.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await?;
    let signed_out = matches!(view, "welcome" | "signed-out");
    browser.sees(&by(if signed_out { view } else { "user-name" })).await
}
