//! What arrived.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use url::form_urlencoded;

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its method.
    pub method: http::Method,
    /// Its path.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Received {
    /// The parameters of a form body.
    ///
    /// # Panics
    /// When one is there twice: no endpoint of OAuth allows that.
    pub fn form(&self) -> BTreeMap<String, String> {
        let mut form = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(&self.body).into_owned() {
            assert!(form.insert(name.clone(), value).is_none(), "{name} is there twice");
        }
        form
    }

    /// The value of a header; none when it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
