//! The pages of `dev/idp`, which plays Entra External ID.

use crate::browser::Browser;
use crate::person::Person;
use anyhow::Result;

pub(super) const LEAVE: &str = "#leave";
pub(super) const USERNAME: &str = "#username";

const SIGN_IN: &str = "#sign-in";
const SIGN_UP: &str = "#sign-up";
const TO_SIGN_UP: &str = "a[href*='/sign-up']";
const CONSENT: &str = "#consent-accept";
const ANOTHER_ACCOUNT: &str = "#another-account";
const SIGN_OUT: &str = "#sign-out";

/// Gives the page that is shown what it asks for.
pub(super) async fn answer(browser: &Browser, person: &Person) -> Result<()> {
    let any = [SIGN_IN, SIGN_UP, CONSENT, ANOTHER_ACCOUNT, SIGN_OUT].join(",");
    browser.sees(&any).await?;
    if browser.shows(SIGN_UP).await? {
        browser.fill("#name", &person.name).await?;
        browser.fill(USERNAME, &person.username).await?;
        browser.fill("#password", &person.password).await?;
        person.got_an_account();
        browser.press(SIGN_UP).await
    } else if browser.shows(SIGN_IN).await? && !person.has_account() {
        browser.press(TO_SIGN_UP).await
    } else if browser.shows(SIGN_IN).await? {
        browser.fill(USERNAME, &person.username).await?;
        browser.fill("#password", &person.password).await?;
        browser.press(SIGN_IN).await
    } else if browser.shows(CONSENT).await? {
        browser.press(CONSENT).await
    } else if browser.shows(ANOTHER_ACCOUNT).await? {
        browser.press(ANOTHER_ACCOUNT).await
    } else {
        browser.press(SIGN_OUT).await
    }
}
