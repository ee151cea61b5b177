//! Microsoft Graph v1.0: the part of it that this program needs.

mod application;
mod flow;
mod principal;
mod request_error;

use std::time::Duration;

use reqwest::{Client, Method};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;

pub(crate) use application::*;
pub(crate) use flow::*;
pub(crate) use principal::*;

use crate::{console::Console, error::Error, permission::Permission, time::Time, token::Token};
use request_error::{Age, RequestError, RetryDelays};

/// Microsoft's own bound on a request is a minute.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Delays of at least this length are announced.
const ANNOUNCED_DELAY: Duration = Duration::from_secs(8);

/// A longer list is a loop of pages.
const MAX_PAGES: usize = 1000;

/// A client with a token.
pub(crate) struct Graph<'a> {
    pub(crate) http: Client,
    pub(crate) base: Url,
    pub(crate) token: Token,
    pub(crate) time: &'a dyn Time,
    pub(crate) console: &'a dyn Console,
}

/// One request, and what is said about it when it fails.
struct Call<'a> {
    method: Method,
    url: Url,
    body: Option<Vec<u8>>,
    needs: &'static Permission,
    age: Age,
    what: &'a str,
}

/// A page of a collection.
#[derive(Debug, Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

impl Graph<'_> {
    /// All elements of a collection, over all its pages.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        needs: &'static Permission,
    ) -> Result<Vec<T>, Error> {
        let what = format!("read {}", path.split('?').next().unwrap_or(path));
        let mut all = Vec::new();
        let mut url = self.url(path);
        for _ in 0..MAX_PAGES {
            let call = Call {
                method: Method::GET,
                url: url.clone(),
                body: None,
                needs,
                age: Age::Fresh,
                what: &what,
            };
            let page: Page<T> = read(&self.send(&call).await?, "a list")?;
            all.extend(page.value);
            match page.next_link {
                Some(next) => url = self.same_origin(&next)?,
                None => return Ok(all),
            }
        }
        Err(unreadable("a list", "it has no end"))
    }

    /// One object.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        needs: &'static Permission,
        what: &str,
    ) -> Result<T, Error> {
        let (method, url) = (Method::GET, self.url(path));
        let call = Call { method, url, body: None, needs, age: Age::Fresh, what };
        read(&self.send(&call).await?, "an object")
    }

    /// Creates something.
    pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        needs: &'static Permission,
        what: &str,
    ) -> Result<T, Error> {
        read(&self.with_body(Method::POST, path, body, needs, what).await?, "what was created")
    }

    /// Changes something.
    pub(crate) async fn patch<B: Serialize>(
        &self,
        path: &str,
        body: &B,
        needs: &'static Permission,
        what: &str,
    ) -> Result<(), Error> {
        self.with_body(Method::PATCH, path, body, needs, what).await.map(drop)
    }

    /// Deletes something. That it is gone already is as good.
    pub(crate) async fn delete(
        &self,
        path: &str,
        needs: &'static Permission,
        what: &str,
    ) -> Result<(), Error> {
        let (method, url) = (Method::DELETE, self.url(path));
        let call = Call { method, url, body: None, needs, age: Age::Settled, what };
        match self.send(&call).await {
            Err(Error::Graph { status: 404, .. }) => Ok(()),
            other => other.map(drop),
        }
    }

    /// A request with a body may be about an object that was created a moment ago.
    async fn with_body<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: &B,
        needs: &'static Permission,
        what: &str,
    ) -> Result<Vec<u8>, Error> {
        let body = serde_json::to_vec(body).expect("structs with string keys become JSON");
        let (url, age) = (self.url(path), Age::Fresh);
        self.send(&Call { method, url, body: Some(body), needs, age, what }).await
    }

    async fn send(&self, call: &Call<'_>) -> Result<Vec<u8>, Error> {
        let mut delays = RetryDelays::default();
        loop {
            let error = match self.once(call).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            let again = error.may_be_retried(&call.method, call.age);
            match again.then(|| delays.next(&error)).flatten() {
                Some(wait) => self.wait(wait, call.what).await,
                None => return Err(error.into_error(call.what, &call.method, call.needs)),
            }
        }
    }

    async fn wait(&self, wait: Duration, what: &str) {
        if wait >= ANNOUNCED_DELAY {
            self.console.say(&format!("Waiting {} seconds to {what}", wait.as_secs()));
        }
        self.time.sleep(wait).await;
    }

    async fn once(&self, call: &Call<'_>) -> Result<Vec<u8>, RequestError> {
        let mut request = self
            .http
            .request(call.method.clone(), call.url.clone())
            .timeout(TIMEOUT)
            .bearer_auth(self.token.secret());
        if let Some(body) = &call.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        RequestError::check(request.send().await?).await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        url.set_path(&format!("/v1.0{path}"));
        url.set_query(query);
        url
    }

    /// The next page's address, when it is Graph's.
    ///
    /// # What breaks without this
    /// The token goes with every request: an address in a response must not receive it.
    fn same_origin(&self, next: &str) -> Result<Url, Error> {
        let url =
            Url::parse(next).map_err(|_| unreadable("a list", "its next page has no address"))?;
        if url.origin() == self.base.origin() {
            Ok(url)
        } else {
            Err(unreadable("a list", "its next page is elsewhere"))
        }
    }
}

/// A value, quoted for a filter and then for a URL.
pub(crate) fn quoted(value: &str) -> String {
    let literal = format!("'{}'", value.replace('\'', "''"));
    percent_encoding::utf8_percent_encode(&literal, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// An answer without a body (204) reads as `()`.
fn read<T: DeserializeOwned>(body: &[u8], what: &'static str) -> Result<T, Error> {
    let body = if body.is_empty() { b"null" } else { body };
    serde_json::from_slice(body).map_err(|error| unreadable(what, &error.to_string()))
}

fn unreadable(what: &'static str, reason: &str) -> Error {
    Error::Unreadable { what, reason: reason.to_owned() }
}
