//! The app's page, as a person uses it. It knows the page by its `data-test`
//! parts only.

use crate::{
    browser::{Browser, by},
    login,
    person::Person,
    target::Target,
};
use anyhow::{Context, Result};
use serde_json::json;
use std::collections::BTreeMap;

/// What leads to the provider: on the welcome page, and on the one after a sign-out.
pub(crate) const SIGN_IN: &str = "[data-test=sign-in], [data-test=signed-out] li:first-child a";
const SESSION_COOKIE: &str = "__Host-session";
/// The key of `WebDriver`’s own alphabet.
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const TAB: &str = "\u{e004}";

/// The page in a browser.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) browser: Browser,
    target: Target,
}

impl Page {
    /// Opens the page.
    pub(crate) async fn visit(browser: Browser, target: &Target) -> Result<Self> {
        let page = Self { browser, target: target.clone() };
        page.open("/").await?;
        Ok(page)
    }

    /// Opens a path of the app and waits until the page is drawn.
    pub(crate) async fn open(&self, path: &str) -> Result<()> {
        self.browser.goto(&format!("{}{path}", self.target.origin())).await?;
        self.drawn().await
    }

    pub(crate) async fn reload(&self) -> Result<()> {
        self.browser.reload().await?;
        self.drawn().await
    }

    /// Signs in from the page, making an account where the person has none.
    pub(crate) async fn sign_in(&self, person: &Person) -> Result<()> {
        self.browser.press(SIGN_IN).await?;
        self.arrive(person).await
    }

    /// Goes through the provider's pages until the app shows its user.
    pub(crate) async fn arrive(&self, person: &Person) -> Result<()> {
        login::walk(&self.browser, &self.target, person).await?;
        self.browser.sees(&by("user-name")).await?;
        self.listed().await
    }

    /// Signs out, confirming it where the provider asks, and reads that it is done.
    pub(crate) async fn sign_out(&self, person: &Person) -> Result<()> {
        self.browser.press(&by("sign-out")).await?;
        login::walk(&self.browser, &self.target, person).await?;
        self.browser.sees(&by("signed-out")).await
    }

    /// Whom the page greets.
    pub(crate) async fn user_name(&self) -> Result<String> {
        self.browser.sees(&by("user-name")).await?;
        Ok(self.browser.texts("user-name").await?.concat())
    }

    /// Adds a todo and waits until it is in the list.
    pub(crate) async fn add(&self, description: &str) -> Result<()> {
        self.browser.fill(&by("new-todo"), &format!("{description}{ENTER}")).await?;
        self.has(description).await
    }

    /// Waits until the list has this todo, saved.
    pub(crate) async fn has(&self, description: &str) -> Result<()> {
        self.row(description).await?;
        self.browser.loses(&by("pending-todo")).await
    }

    /// Waits until the list no longer has this todo.
    pub(crate) async fn has_no(&self, description: &str) -> Result<()> {
        let script = format!("return !({ROW})");
        let what = format!("the end of {description:?}");
        self.browser.until(&what, &script, &[json!(description)]).await.map(drop)
    }

    /// Waits until the list shows this todo, whatever else is under way.
    pub(crate) async fn has_in_list(&self, description: &str) -> Result<()> {
        self.row(description).await.map(drop)
    }

    /// Changes a description in place.
    pub(crate) async fn edit(&self, from: &str, to: &str) -> Result<()> {
        self.try_to_edit(from, to).await?;
        self.browser.loses(&by("todo-edit-input")).await?;
        self.has(to).await
    }

    /// Does what one does to change a description.
    pub(crate) async fn try_to_edit(&self, from: &str, to: &str) -> Result<()> {
        self.click_in(from, "todo-edit").await?;
        self.browser.fill(&by("todo-edit-input"), to).await?;
        self.browser.click(&by("todo-save")).await
    }

    /// Ticks a todo off, or opens it again, and waits until that is saved: the
    /// page says so to those who do not see it.
    pub(crate) async fn toggle(&self, description: &str) -> Result<()> {
        self.click_in(description, "todo-toggle").await?;
        let script =
            "return /Completed|Open again/.test(document.querySelector(arguments[0]).textContent)";
        self.browser.until("the toggle to be saved", script, &[json!(by("status"))]).await.map(drop)
    }

    pub(crate) async fn is_completed(&self, description: &str) -> Result<bool> {
        let id = self.row(description).await?;
        let script = "return document.querySelector(arguments[0]).checked";
        let toggle = format!("[data-id='{id}'] {}", by("todo-toggle"));
        Ok(self.browser.script(script, &[json!(toggle)]).await? == true)
    }

    pub(crate) async fn delete(&self, description: &str) -> Result<()> {
        self.click_in(description, "todo-delete").await?;
        self.has_no(description).await
    }

    /// Asks for the next page of todos and waits until they are there.
    pub(crate) async fn load_more(&self) -> Result<()> {
        let before = self.todos().await?.len();
        self.browser.click(&by("load-more")).await?;
        let script = "return document.querySelectorAll(arguments[0]).length > arguments[1]";
        self.browser
            .until("more todos", script, &[json!(by("todo")), json!(before)])
            .await
            .map(drop)
    }

    /// The descriptions on the page, from the top.
    pub(crate) async fn todos(&self) -> Result<Vec<String>> {
        self.browser.texts("todo-text").await
    }

    /// Opens the account menu and follows one of its links.
    pub(crate) async fn choose(&self, link: &str) -> Result<()> {
        self.browser.click(&by("account-menu")).await?;
        self.browser.click(&by(link)).await
    }

    /// Goes to the view with the ID token's claims and reads them.
    pub(crate) async fn claims(&self) -> Result<BTreeMap<String, String>> {
        self.choose("claims-link").await?;
        self.browser.sees(&by("claim")).await?;
        let script = "return Object.fromEntries([...document.querySelectorAll(arguments[0])]
            .map(row => [row.dataset.name, row.querySelector('td').textContent]))";
        let claims = self.browser.script(script, &[json!(by("claim"))]).await?;
        Ok(serde_json::from_value(claims)?)
    }

    /// The value of the session cookie, which no script of the page can read.
    pub(crate) async fn session_cookie(&self) -> Result<String> {
        let cookie = self.browser.cookie(SESSION_COOKIE).await?.context("there is no session")?;
        Ok(cookie.value().to_owned())
    }

    /// The session ends without the page's doing.
    pub(crate) async fn lose_session(&self) -> Result<()> {
        self.browser.drop_cookie(SESSION_COOKIE).await
    }

    /// Waits until the first page of todos is there.
    pub(crate) async fn listed(&self) -> Result<()> {
        self.browser.loses(&by("skeleton")).await
    }

    async fn drawn(&self) -> Result<()> {
        let script = "return document.readyState === 'complete'
            && !document.getElementById('main')?.hasAttribute('aria-busy')";
        self.browser.until("the page", script, &[]).await.map(drop)
    }

    /// The id of the row with this text.
    pub(crate) async fn row(&self, description: &str) -> Result<String> {
        let script = format!("return ({ROW})?.dataset.id");
        let what = format!("the todo {description:?}");
        let id = self.browser.until(&what, &script, &[json!(description)]).await?;
        Ok(id.as_str().unwrap_or_default().to_owned())
    }

    async fn click_in(&self, description: &str, part: &str) -> Result<()> {
        let id = self.row(description).await?;
        self.browser.click(&format!("[data-id='{id}'] {}", by(part))).await
    }
}

const ROW: &str = "[...document.querySelectorAll('[data-test=todo]')]
    .find(row => row.querySelector('[data-test=todo-text]').textContent === arguments[0])";
