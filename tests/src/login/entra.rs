//! The pages of `dev/idp`, which plays Entra External ID.

use crate::{browser::Browser, person::Person};
use anyhow::Result;

pub(super) const LEAVE: &str = "#leave";
pub(super) const USERNAME: &str = "#username";

const SIGN_IN: &str = "#sign-in";
const SIGN_UP: &str = "#sign-up";
const TO_SIGN_UP: &str = "a[href*='/sign-up']";
const CONSENT: &str = "#consent-accept";
const ANOTHER_ACCOUNT: &str = "#another-account";
const SIGN_OUT: &str = "#sign-out";
const SECOND_FACTOR: &str = "#verify";
/// The page after a sign-out, which goes on by itself.
const CONTINUE: &str = "#continue";

/// Gives the page that is shown what it asks for.
pub(super) async fn answer(browser: &Browser, person: &Person) -> Result<()> {
    let any = [SIGN_UP, SIGN_IN, SECOND_FACTOR, CONSENT, ANOTHER_ACCOUNT, SIGN_OUT, CONTINUE];
    match browser.comes_to(&any).await?.map(|index| any[index]) {
        None => Ok(()),
        Some(SIGN_UP) => {
            browser.fill("#name", &person.name).await?;
            browser.fill(USERNAME, &person.username).await?;
            browser.fill("#password", &person.password).await?;
            person.got_an_account();
            browser.press(SIGN_UP).await
        }
        Some(SIGN_IN) if !person.has_account() => browser.press(TO_SIGN_UP).await,
        Some(SIGN_IN) => {
            browser.fill(USERNAME, &person.username).await?;
            browser.fill("#password", &person.password).await?;
            browser.press(SIGN_IN).await
        }
        Some(SECOND_FACTOR) => {
            let shown = "return document.querySelector('#second-factor').textContent";
            let code = browser.script(shown, &[]).await?;
            browser.fill("#code", code.as_str().unwrap_or_default()).await?;
            browser.press(SECOND_FACTOR).await
        }
        Some(CONTINUE) => {
            let gone = "return !document.querySelector(arguments[0])";
            browser.until("what comes after", gone, &[CONTINUE.into()]).await.map(drop)
        }
        Some(button) => browser.press(button).await,
    }
}
