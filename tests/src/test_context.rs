//! What a test has at hand, and how it is run and cleaned up after.

use crate::{
    browser::Browser,
    client::Client,
    page::Page,
    panics,
    person::Person,
    target::{Capability, Machine, Target},
    token::Tokens,
};
use anyhow::{Context, Result, anyhow, ensure};
use futures_util::FutureExt;
use std::{
    env, fs,
    panic::AssertUnwindSafe,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;
use url::Url;

/// What all tests share.
pub(crate) struct Suite {
    pub(crate) target: Target,
    pub(crate) tokens: Tokens,
    /// None where the target says of no provider how to sign in there.
    driver: Option<Url>,
    /// Where what is left of a failure goes.
    traces: PathBuf,
    /// Where pictures of the page are wanted.
    screenshots: Option<PathBuf>,
    /// The source of axe-core, which checks the accessibility of the pages.
    axe: Option<String>,
    session: OnceCell<(Person, String)>,
    provider_cookies: OnceCell<String>,
}

impl Suite {
    /// # Errors
    /// When `TOLLGATE_AXE` names no file that can be read.
    pub(crate) fn new(target: Target, driver: Option<Url>) -> Result<Self> {
        let traces = env::var_os("TOLLGATE_TRACES").map_or_else(env::temp_dir, PathBuf::from);
        let screenshots = env::var_os("TOLLGATE_SCREENSHOTS").map(PathBuf::from);
        let axe = env::var_os("TOLLGATE_AXE").map(fs::read_to_string).transpose();
        let axe = axe.context("cannot read the file of TOLLGATE_AXE")?;
        let tokens = Tokens::default();
        let (session, provider_cookies) = (OnceCell::new(), OnceCell::new());
        Ok(Self { target, tokens, driver, traces, screenshots, axe, session, provider_cookies })
    }
}

/// The body of a test.
pub(crate) type Run = for<'a> fn(&'a TestContext) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// A running test.
pub(crate) struct TestContext {
    suite: Arc<Suite>,
    pub(crate) client: Client,
    browsers: Mutex<Vec<Browser>>,
}

impl TestContext {
    /// Runs a test. Browsers are looked through for complaints and closed,
    /// whether it passed, failed or panicked.
    pub(crate) fn run(suite: &Arc<Suite>, name: &str, run: Run) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start a runtime")?;
        runtime.block_on(async {
            let test = Self {
                suite: Arc::clone(suite),
                client: Client::new(&suite.target)?,
                browsers: Mutex::default(),
            };
            let outcome = AssertUnwindSafe(run(&test)).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|panic| Err(anyhow!(panics::words(&*panic))));
            test.end(&name.replace("::", "-"), outcome).await
        })
    }

    /// The source of axe-core, if it is installed.
    pub(crate) fn axe(&self) -> Option<&str> {
        self.suite.axe.as_deref()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.suite.target
    }

    /// The access token of a machine.
    pub(crate) async fn token(&self, machine: Option<&Machine>) -> Result<String> {
        let machine = machine.ok_or(Capability::Machines)?;
        self.suite.tokens.of(machine, &self.client, self.target()).await
    }

    /// The access token of the machine that may read and write.
    pub(crate) async fn daemon_token(&self) -> Result<String> {
        self.token(self.target().provider.daemon.as_ref()).await
    }

    /// A browser of a visitor who was never here.
    pub(crate) async fn browser(&self) -> Result<Browser> {
        self.browser_that_waits_for("normal").await
    }

    /// The same with this page load strategy.
    pub(crate) async fn browser_that_waits_for(&self, strategy: &str) -> Result<Browser> {
        let driver = self.suite.driver.as_ref().ok_or(Capability::SignIn)?;
        let browser = Browser::open(driver, self.target(), strategy).await?;
        self.browsers.lock().unwrap_or_else(PoisonError::into_inner).push(browser.clone());
        Ok(browser)
    }

    /// The page in a new browser, with this person signed in.
    pub(crate) async fn signed_in(&self, person: &Person) -> Result<Page> {
        let page = Page::visit(self.browser().await?, self.target()).await?;
        page.sign_in(person).await?;
        Ok(page)
    }

    /// Keeps a picture of the page where pictures are wanted.
    pub(crate) async fn keep_picture(&self, browser: &Browser, name: &str) -> Result<()> {
        let Some(folder) = &self.suite.screenshots else { return Ok(()) };
        fs::create_dir_all(folder).context("cannot make the folder for pictures")?;
        let picture = browser.picture().await?;
        fs::write(folder.join(format!("{name}.png")), picture).context("cannot write a picture")
    }

    /// Somebody with a session that lasts for all tests, and its cookie. Nobody
    /// may end it.
    pub(crate) async fn session(&self) -> Result<&(Person, String)> {
        self.suite
            .session
            .get_or_try_init(|| async {
                let person = Person::new(self.target());
                let page = self.signed_in(&person).await?;
                Ok((person, page.session_cookie().await?))
            })
            .await
    }

    /// The provider's cookies of a user who is signed in there, for all tests.
    pub(crate) async fn provider_cookies(&self) -> Result<&String> {
        self.suite
            .provider_cookies
            .get_or_try_init(|| async {
                let page = self.signed_in(&Person::new(self.target())).await?;
                let cookies = page.browser.all_cookies("").await?.into_iter();
                let cookies = cookies.filter(|cookie| !cookie.starts_with("__Host-s"));
                Ok(cookies.collect::<Vec<_>>().join("; "))
            })
            .await
    }

    async fn end(self, name: &str, outcome: Result<()>) -> Result<()> {
        let browsers = self.browsers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut complaints = Vec::new();
        for (number, browser) in browsers.into_iter().enumerate() {
            if outcome.is_err() {
                let trace = self.suite.traces.join(format!("{name}-{number}"));
                eprintln!("{name}: {}", browser.leave_trace(&trace).await);
            }
            complaints.extend(browser.complaints().await?);
            browser.close().await;
        }
        outcome?;
        ensure!(complaints.is_empty(), "the browser complained:\n{}", complaints.join("\n"));
        Ok(())
    }
}
