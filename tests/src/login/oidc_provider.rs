//! The built-in pages of the npm package oidc-provider.

use crate::{browser::Browser, person::Person};
use anyhow::Result;

pub(super) const LEAVE: &str = ".login-help a";
pub(super) const USERNAME: &str = "input[name=login]";

const PASSWORD: &str = "input[name=password]";
const SUBMIT: &str = "button.login-submit";
const SIGN_OUT: &str = "button[name=logout][value=yes]";

/// Gives the page that is shown what it asks for.
pub(super) async fn answer(browser: &Browser, person: &Person) -> Result<()> {
    browser.sees(&[SUBMIT, SIGN_OUT].join(",")).await?;
    if browser.shows(SIGN_OUT).await? {
        return browser.press(SIGN_OUT).await;
    }
    if browser.shows(USERNAME).await? {
        browser.fill(USERNAME, &person.username).await?;
        browser.fill(PASSWORD, &person.password).await?;
    }
    browser.press(SUBMIT).await
}
