//! What chromedriver can do beyond the `WebDriver` standard.

use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A POST below the session.
#[derive(Debug)]
pub(super) struct Extension {
    path: &'static str,
    body: String,
}

impl Extension {
    /// What the console says since the last time.
    pub(super) fn console() -> Self {
        Self { path: "se/log", body: json!({ "type": "browser" }).to_string() }
    }

    /// A command of the `DevTools` protocol.
    pub(super) fn devtools(command: &str, parameters: &Value) -> Self {
        let body = json!({ "cmd": command, "params": parameters });
        Self { path: "goog/cdp/execute", body: body.to_string() }
    }
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.clone()))
    }
}
