//! The provider's control page: what it is to do to one person, and what it did.

use crate::{answer::Answer, person::Person, test_context::TestContext};
use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::Value;
use url::{Url, form_urlencoded};

/// The control page of one person, who has an account. Whatever is ordered there
/// happens to nobody else: other tests run at the same time.
pub(crate) struct Control<'a> {
    test: &'a TestContext,
    address: Url,
}

impl<'a> Control<'a> {
    pub(crate) fn of(test: &'a TestContext, person: &Person) -> Result<Self> {
        let control = test.target().provider.control.clone();
        let mut address = control.context("the target has a control page")?;
        let mut path = address.path_segments_mut().ok().context("an address with a path")?;
        path.push("users").push(&person.username);
        drop(path);
        Ok(Self { test, address })
    }

    /// From now on it is exactly so.
    pub(crate) async fn order(&self, fields: &[(&str, &str)]) -> Result<()> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.test.client.elsewhere(Method::POST, self.address.clone()).body(body);
        Answer::to(request).await?.is(200);
        Ok(())
    }

    /// Has the provider sign with another key from now on, for everybody. Done twice, the
    /// key of before is gone, and with it what it signed: one test may do it once.
    pub(crate) async fn rotate_keys(test: &TestContext) -> Result<()> {
        let mut address = test.target().provider.control.clone().context("a control page")?;
        address.path_segments_mut().ok().context("an address with a path")?.push("rotate-keys");
        Answer::to(test.client.elsewhere(Method::POST, address)).await?.is(200);
        Ok(())
    }

    /// Signs the person out in all browsers; comes back when the app was told.
    pub(crate) async fn sign_out_everywhere(&self) -> Result<()> {
        let mut address = self.address.clone();
        address.path_segments_mut().ok().context("an address with a path")?.push("sign-out");
        Answer::to(self.test.client.elsewhere(Method::POST, address)).await?.is(200);
        Ok(())
    }

    /// How often the provider logged this event lately.
    pub(crate) async fn count(&self, what: &str) -> Result<usize> {
        let page = self.page().await?;
        let entries = page["diary"].as_array().context("a diary is a list")?;
        Ok(entries.iter().filter(|entry| entry["what"] == what).count())
    }

    /// The `sid` of the person's only session at the provider.
    pub(crate) async fn sid(&self) -> Result<String> {
        let page = self.page().await?;
        let [Value::String(sid)] = page["sids"].as_array().context("a list")?.as_slice() else {
            bail!("not one session at the provider: {page}");
        };
        Ok(sid.clone())
    }

    async fn page(&self) -> Result<Value> {
        let request = self.test.client.elsewhere(Method::GET, self.address.clone());
        Ok(Answer::to(request).await?.is(200).json())
    }
}
