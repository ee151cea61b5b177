//! Several pages of one browser.

use super::Browser;
use anyhow::{Context, Result};
use fantoccini::wd::WindowHandle;

/// A tab of a browser; all of them share its cookies.
pub(crate) struct Tab(WindowHandle);

impl Browser {
    /// The tab that everything else here is about.
    pub(crate) async fn tab(&self) -> Result<Tab> {
        Ok(Tab(self.client.window().await.context("there is no tab")?))
    }

    /// Opens another tab and turns to it.
    pub(crate) async fn new_tab(&self) -> Result<Tab> {
        let opened = self.client.new_window(true).await.context("cannot open a tab")?;
        let tab = Tab(opened.handle);
        self.turn_to(&tab).await?;
        Ok(tab)
    }

    pub(crate) async fn turn_to(&self, tab: &Tab) -> Result<()> {
        let handle = tab.0.clone();
        self.client.switch_to_window(handle).await.context("cannot turn to the tab")
    }
}
