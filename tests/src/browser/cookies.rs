//! A browser's cookies, those that no script can read among them.

use super::Browser;
use anyhow::{Context, Result};
use fantoccini::cookies::Cookie;
use serde_json::{Value, json};

impl Browser {
    /// A cookie of the page's origin, HTTP-only ones included.
    pub(crate) async fn cookie(&self, name: &str) -> Result<Option<Cookie<'static>>> {
        let cookies = self.client.get_all_cookies().await.context("no cookies to be had")?;
        Ok(cookies.into_iter().find(|cookie| cookie.name() == name))
    }

    pub(crate) async fn drop_cookie(&self, name: &str) -> Result<()> {
        self.client.delete_cookie(name).await.context("cannot delete the cookie")
    }

    /// All cookies whose name starts so, as a request would carry them, wherever
    /// the browser is now.
    pub(crate) async fn all_cookies(&self, start: &str) -> Result<Vec<String>> {
        let found = self.devtools("Storage.getCookies", json!({})).await?;
        let cookies = found["cookies"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |cookie: &Value, member: &str| cookie[member].as_str().map(ToOwned::to_owned);
        let pairs = cookies.iter().filter_map(|it| Some((text(it, "name")?, text(it, "value")?)));
        let named = pairs.filter(|(name, _)| name.starts_with(start));
        Ok(named.map(|(name, value)| format!("{name}={value}")).collect())
    }
}
