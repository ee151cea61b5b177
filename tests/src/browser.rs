//! A headless Chromium of a visitor who was never here.

mod arguments;
mod command;
mod console;
mod cookies;
mod tab;

use crate::target::Target;
use anyhow::{Context, Result, bail};
use command::Extension;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use url::Url;

/// How long a condition may take to come about; a loaded machine is slow.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How often a condition is looked at.
const PERIOD: Duration = Duration::from_millis(25);

/// Cloned, it is the same browser.
#[derive(Clone)]
pub(crate) struct Browser {
    client: Client,
    origin: String,
    forgiven: Arc<Mutex<Vec<&'static str>>>,
    _profile: Arc<TempDir>,
}

impl Browser {
    /// Starts one with a fresh profile. `wait_for` is its page load strategy (`WebDriver`, section
    /// 8): `normal` waits for all files of a page, `eager` for its document only.
    pub(crate) async fn open(driver: &Url, target: &Target, wait_for: &str) -> Result<Self> {
        let profile = TempDir::new().context("cannot make a profile folder")?;
        let capabilities = json!({
            "pageLoadStrategy": wait_for,
            "goog:chromeOptions": { "args": arguments::of(profile.path(), target) },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(driver.as_str())
            .await
            .context("cannot open a browser")?;
        let forgiven = Arc::default();
        Ok(Self { client, origin: target.origin(), forgiven, _profile: Arc::new(profile) })
    }

    pub(crate) async fn goto(&self, url: &str) -> Result<()> {
        self.client.goto(url).await.with_context(|| format!("cannot open {url}"))
    }

    pub(crate) async fn back(&self) -> Result<()> {
        self.client.back().await.context("cannot go back")
    }

    pub(crate) async fn reload(&self) -> Result<()> {
        self.client.refresh().await.context("cannot reload")
    }

    pub(crate) async fn url(&self) -> Result<Url> {
        self.client.current_url().await.context("the browser is nowhere")
    }

    /// What a person reads on the page.
    pub(crate) async fn text(&self) -> Result<String> {
        let text = self.script("return document.body.innerText", &[]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The values of the page's `data-test` elements of that name.
    pub(crate) async fn texts(&self, part: &str) -> Result<Vec<String>> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map(it => it.textContent)";
        let texts = self.script(script, &[json!(by(part))]).await?;
        Ok(serde_json::from_value(texts)?)
    }

    /// Whether something that this selector finds is to be seen now.
    pub(crate) async fn shows(&self, css: &str) -> Result<bool> {
        Ok(self.script(&format!("return {SHOWN}"), &[json!(css)]).await? == true)
    }

    /// Waits until something is to be seen.
    pub(crate) async fn sees(&self, css: &str) -> Result<()> {
        self.until(css, &format!("return {SHOWN}"), &[json!(css)]).await.map(drop)
    }

    /// Waits until nothing of that kind is to be seen.
    pub(crate) async fn loses(&self, css: &str) -> Result<()> {
        let script = format!("return !({SHOWN})");
        self.until(&format!("the end of {css}"), &script, &[json!(css)]).await.map(drop)
    }

    /// Waits until one of these is to be seen and says which, or nothing once the
    /// browser is back at the app.
    pub(crate) async fn comes_to(&self, any: &[&str]) -> Result<Option<usize>> {
        let script = "if (location.origin === arguments[1]) return -1;
            const shown = arguments[0].findIndex(css => [...document.querySelectorAll(css)]
                .some(it => it.getClientRects().length > 0));
            return shown < 0 ? null : shown";
        let values = [json!(any), json!(self.origin)];
        let found = self.until(&any.join(", "), script, &values).await?;
        Ok(found.as_u64().and_then(|index| usize::try_from(index).ok()))
    }

    /// Waits until `script` returns something other than false, null and nothing.
    pub(crate) async fn until(&self, what: &str, script: &str, values: &[Value]) -> Result<Value> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            // A page that is on its way out has nobody to run scripts.
            match self.client.execute(script, values.to_vec()).await {
                Ok(Value::Null | Value::Bool(false)) | Err(_) => {}
                Ok(value) => return Ok(value),
            }
            if Instant::now() > deadline {
                bail!("waited in vain for {what} at {}", self.url().await?);
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// Clicks what is, or will be, there.
    pub(crate) async fn click(&self, css: &str) -> Result<()> {
        self.insist(css, async |element| element.click().await).await
    }

    /// Replaces what is in a field.
    pub(crate) async fn fill(&self, css: &str, text: &str) -> Result<()> {
        self.insist(css, async |element| element.clear().await).await?;
        self.insist(css, async |element| element.send_keys(text).await).await
    }

    /// Types where the focus is, as somebody without a mouse does.
    pub(crate) async fn types(&self, text: &str) -> Result<()> {
        let element = self.client.active_element().await.context("nothing has the focus")?;
        element.send_keys(text).await.context("cannot type there")
    }

    /// Presses a button that leads to another document, and waits for that.
    pub(crate) async fn press(&self, css: &str) -> Result<()> {
        self.sees(css).await?;
        self.script("window.leaving = true", &[]).await?;
        self.click(css).await?;
        self.until("another page", "return !window.leaving", &[]).await.map(drop)
    }

    /// Runs a script in the page.
    pub(crate) async fn script(&self, script: &str, values: &[Value]) -> Result<Value> {
        self.client.execute(script, values.to_vec()).await.context("the script failed")
    }

    /// Runs a script that is done when it calls its last argument.
    pub(crate) async fn script_async(&self, script: &str, values: &[Value]) -> Result<Value> {
        self.client.execute_async(script, values.to_vec()).await.context("the script failed")
    }

    /// A command of the `DevTools` protocol.
    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> Result<Value> {
        let extension = Extension::devtools(command, &parameters);
        self.client.issue_cmd(extension).await.with_context(|| format!("{command} failed"))
    }

    /// Lets no request to these addresses through, and all others.
    pub(crate) async fn block(&self, urls: &[&str]) -> Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.setBlockedURLs", json!({ "urls": urls })).await.map(drop)
    }

    pub(crate) async fn picture(&self) -> Result<Vec<u8>> {
        self.client.screenshot().await.context("no picture to be had")
    }

    /// Complaints with these words in them are meant to come: a refused request
    /// is a line in the console, whatever the page makes of it.
    pub(crate) fn forgive(&self, words: &'static str) {
        self.forgiven.lock().unwrap_or_else(PoisonError::into_inner).push(words);
    }

    /// Errors and warnings of the page in the browser's console (exceptions,
    /// violations of the content security policy, failed requests), apart from
    /// the forgiven ones.
    pub(crate) async fn complaints(&self) -> Result<Vec<String>> {
        let log = self.client.issue_cmd(Extension::console()).await.context("no console")?;
        let forgiven = self.forgiven.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(console::complaints(&log, &self.origin, &forgiven))
    }

    /// Leaves a picture and the text of the page beside `path`, and says so.
    pub(crate) async fn leave_trace(&self, path: &Path) -> String {
        let url = self.url().await.map_or_else(|error| error.to_string(), |url| url.to_string());
        let text = self.text().await.unwrap_or_default();
        let picture = path.with_extension("png");
        if let Ok(bytes) = self.picture().await
            && std::fs::write(&picture, bytes).is_ok()
        {
            return format!("at {url}\n{text}\n(a picture is in {})", picture.display());
        }
        format!("at {url}\n{text}")
    }

    pub(crate) async fn close(self) {
        // The driver ends what does not close.
        let _ = self.client.close().await;
    }

    /// Finds the element and acts on it, again while the page is still moving.
    async fn insist<F>(&self, css: &str, act: F) -> Result<()>
    where
        F: AsyncFn(Element) -> Result<(), fantoccini::error::CmdError>,
    {
        self.sees(css).await?;
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let done = match self.client.find(Locator::Css(css)).await {
                Ok(element) => act(element).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error).with_context(|| format!("cannot use {css}"));
                }
                Err(_) => tokio::time::sleep(PERIOD).await,
            }
        }
    }
}

/// The selector of a part of the page; `data-test` is what the page promises.
pub(crate) fn by(part: &str) -> String {
    format!("[data-test=\"{part}\"]")
}

/// Whether an element is there and takes up room.
const SHOWN: &str =
    "[...document.querySelectorAll(arguments[0])].some(it => it.getClientRects().length > 0)";
