//! Without a mouse.

use crate::{
    browser::{Browser, by},
    login,
    page::{ENTER, Page, TAB},
    person::Person,
    test_context::TestContext,
    trial::trials,
};
use anyhow::{Result, bail};
use serde_json::json;
use uuid::Uuid;

trials! {
    everything_can_be_done_with_the_keyboard,
    the_focus_is_always_to_be_seen,
}

async fn everything_can_be_done_with_the_keyboard(test: &TestContext) -> Result<()> {
    let person = Person::known(test.target(), 1);
    let page = Page::visit(test.browser().await?, test.target()).await?;
    let browser = &page.browser;
    tab_to(browser, &by("sign-in")).await?;
    browser.types(ENTER).await?;

    // Both providers put the focus where one starts to type.
    let username = login::username_field(test.target())?;
    browser.sees(username).await?;
    tab_to(browser, username).await?;
    browser.types(&person.username).await?;
    tab_to(browser, "input[type=password]").await?;
    browser.types(&format!("{}{ENTER}", person.password)).await?;
    page.arrive(&person).await?;

    let tag = Uuid::new_v4();
    let (first, second) = (format!("typed {tag}"), format!("retyped {tag}"));
    tab_to(browser, &by("new-todo")).await?;
    browser.types(&format!("{first}{ENTER}")).await?;
    page.has(&first).await?;
    tab_to(browser, &by("todo-toggle")).await?;
    browser.types(" ").await?;
    tab_to(browser, &by("todo-edit")).await?;
    browser.types(ENTER).await?;
    browser.sees(&by("todo-edit-input")).await?;
    browser.fill(&by("todo-edit-input"), "").await?;
    browser.types(&format!("{second}{ENTER}")).await?;
    page.has(&second).await?;
    assert!(page.is_completed(&second).await?);
    browser.loses(&by("todo-edit-input")).await?;
    tab_to(browser, &by("todo-delete")).await?;
    browser.types(ENTER).await?;
    page.has_no(&second).await?;
    the_list_by_its_keys(&page).await?;
    the_account_menu_by_its_keys(&page).await?;

    tab_to(browser, &by("sign-out")).await?;
    browser.types(ENTER).await?;
    // The API is told of the deletion first.
    browser.loses(&by("sign-out")).await?;
    login::walk(browser, test.target(), &person).await?;
    browser.sees(&by("signed-out")).await
}

const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

async fn the_account_menu_by_its_keys(page: &Page) -> Result<()> {
    const ESCAPE: &str = "\u{e00c}";
    const BUTTON: &str = "[data-test=account-menu]";
    let browser = &page.browser;
    let closed = format!("{BUTTON}[aria-expanded=false]");
    for open in [ENTER, " ", DOWN] {
        tab_to(browser, BUTTON).await?;
        browser.types(open).await?;
        browser.sees(&format!("{BUTTON}[aria-expanded=true]")).await?;
        browser.sees(&by("sessions-link")).await?;
        browser.types(ESCAPE).await?;
        browser.loses(&by("sessions-link")).await?;
        browser.sees(&closed).await?;
        assert!(has_focus(browser, BUTTON).await?, "the focus returns to the button");
    }
    browser.types(ENTER).await?;
    browser.sees(&by("sessions-link")).await?;
    browser.click("h1").await?;
    browser.loses(&by("sessions-link")).await?;

    tab_to(browser, BUTTON).await?;
    browser.types(DOWN).await?;
    assert!(has_focus(browser, &by("sessions-link")).await?);
    browser.types(DOWN).await?;
    assert!(has_focus(browser, &by("claims-link")).await?);
    browser.types(UP).await?;
    browser.types(ENTER).await?;
    browser.sees(&by("session")).await?;
    browser.loses(&by("sessions-link")).await?;
    tab_to(browser, BUTTON).await?;
    browser.types(ENTER).await?;
    browser.sees(&format!("{}[aria-current=true]", by("sessions-link"))).await?;
    browser.sees(&format!("{}[aria-current=false]", by("claims-link"))).await?;
    browser.types(ESCAPE).await?;
    tab_to(browser, &by("session-end")).await?;
    tab_to(browser, &by("todos-link")).await?;
    browser.types(ENTER).await?;
    browser.sees(&by("new-todo")).await
}

async fn the_list_by_its_keys(page: &Page) -> Result<()> {
    const DELETE: &str = "\u{e017}";
    let browser = &page.browser;
    let tag = Uuid::new_v4();
    let (first, second) = (format!("below {tag}"), format!("above {tag}"));
    page.add(&first).await?;
    page.add(&second).await?;
    tab_to(browser, &by("todo")).await?;
    browser.types(&format!("{DOWN} ")).await?;
    browser.until("the toggle", "return document.activeElement.matches('.completed')", &[]).await?;
    assert!(page.is_completed(&first).await?);
    browser.types(DELETE).await?;
    page.has_no(&first).await?;
    browser.types("u").await?;
    page.has(&first).await?;
    browser.types("?").await?;
    browser.sees(&by("keys")).await?;
    browser.types(ENTER).await?;
    browser.loses(&by("keys")).await
}

async fn the_focus_is_always_to_be_seen(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    page.add("something to go to").await?;
    for _ in 0..12 {
        page.browser.types(TAB).await?;
        let outline = "const style = getComputedStyle(document.activeElement);
            return document.activeElement === document.body
                || style.outlineStyle !== 'none' || style.boxShadow !== 'none'";
        let seen = page.browser.script(outline, &[]).await?;
        let name = page.browser.script("return document.activeElement.outerHTML", &[]).await?;
        assert_eq!(seen, true, "{name}");
    }
    Ok(())
}

async fn has_focus(browser: &Browser, css: &str) -> Result<bool> {
    let script = "return document.activeElement.matches(arguments[0])";
    Ok(browser.script(script, &[json!(css)]).await? == true)
}

/// Tabs until the focus is on what the selector finds, from wherever it is.
async fn tab_to(browser: &Browser, css: &str) -> Result<()> {
    for _ in 0..60 {
        if has_focus(browser, css).await? {
            return Ok(());
        }
        browser.types(TAB).await?;
    }
    bail!("the keyboard does not reach {css}")
}
