//! How the pages of the providers are gone through.

mod entra;
mod oidc_provider;

use crate::{
    browser::Browser,
    person::Person,
    target::{Capability, Kind, Target},
};
use anyhow::{Result, ensure};

/// More pages than any provider shows in a row.
const MOST_PAGES: u32 = 12;

/// Gives the provider's pages what they ask for (to sign in or up, to consent,
/// to confirm a sign-out) until the browser is back at the app.
pub(crate) async fn walk(browser: &Browser, target: &Target, person: &Person) -> Result<()> {
    walk_with(browser, target, person, async || Ok(())).await
}

/// The same, with `look` at each page before it gets what it asks for.
pub(crate) async fn walk_with(
    browser: &Browser,
    target: &Target,
    person: &Person,
    look: impl AsyncFn() -> Result<()>,
) -> Result<()> {
    let mut pages = 0;
    loop {
        let loaded = "return document.readyState === 'complete' && location.protocol !== 'about:'";
        browser.until("a page", loaded, &[]).await?;
        if is_at_app(browser, target).await? {
            return Ok(());
        }
        pages += 1;
        ensure!(pages <= MOST_PAGES, "the provider goes round in circles");
        look().await?;
        answer(browser, target, person).await?;
    }
}

/// Gives one page of the provider what it asks for.
pub(crate) async fn answer(browser: &Browser, target: &Target, person: &Person) -> Result<()> {
    match kind_of(target)? {
        Kind::Entra => entra::answer(browser, person).await,
        Kind::OidcProvider => oidc_provider::answer(browser, person).await,
    }
}

/// Changes one's mind on the provider's first page.
pub(crate) async fn leave(browser: &Browser, target: &Target) -> Result<()> {
    match kind_of(target)? {
        Kind::Entra => browser.press(entra::LEAVE).await,
        Kind::OidcProvider => browser.press(oidc_provider::LEAVE).await,
    }
}

/// The field that a sign-in page starts with.
pub(crate) fn username_field(target: &Target) -> Result<&'static str> {
    Ok(match kind_of(target)? {
        Kind::Entra => entra::USERNAME,
        Kind::OidcProvider => oidc_provider::USERNAME,
    })
}

fn kind_of(target: &Target) -> Result<Kind> {
    Ok(target.provider.kind.ok_or(Capability::SignIn)?)
}

pub(crate) async fn is_at_app(browser: &Browser, target: &Target) -> Result<bool> {
    Ok(browser.url().await?.origin() == target.url.origin())
}
