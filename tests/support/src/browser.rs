use std::collections::BTreeMap;

use axum::body::Body;
use http::{HeaderValue, Request, header::COOKIE};
use session::SessionSecret;

use crate::TestResponse;

/// A browser's cookies, and the requests that it sends with them.
#[derive(Debug, Clone, Default)]
pub struct Browser(BTreeMap<String, String>);

impl Browser {
    /// Keeps the cookies that a response sets, and deletes those that it clears.
    pub fn receive(&mut self, response: &TestResponse) {
        response.set_cookies().into_iter().for_each(|line| self.take(line));
    }

    /// Keeps or deletes the cookie of a `Set-Cookie` line.
    ///
    /// # Panics
    /// When the line is malformed.
    pub fn take(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').expect("our cookies have attributes");
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        if attributes.split("; ").any(|attribute| attribute == "Max-Age=0") {
            self.0.remove(name);
        } else {
            self.put(name, value);
        }
    }

    /// Plants a cookie.
    pub fn put(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a cookie.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names of the cookies of the sign-ins under way.
    pub fn attempts(&self) -> Vec<String> {
        let is_attempt = |name: &&String| name.starts_with("__Host-signin-") && name.len() == 30;
        self.0.keys().filter(is_attempt).cloned().collect()
    }

    /// The secret in the session's cookie.
    pub fn secret(&self) -> Option<SessionSecret> {
        SessionSecret::parse(self.value("__Host-session")?)
    }

    /// The value of the `Cookie` header.
    pub fn cookies(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// A GET request with its cookies.
    ///
    /// # Panics
    /// When the path is malformed.
    pub fn request(&self, path: &str) -> Request<Body> {
        let cookies = Some(self.cookies()).filter(|cookies| !cookies.is_empty());
        let request =
            cookies.into_iter().fold(Request::get(path), |it, line| it.header(COOKIE, line));
        request.body(Body::empty()).expect("the path of a page")
    }
}

/// `name=value` of a `Set-Cookie` line, as the `Cookie` header carries it.
///
/// # Panics
/// When the line is not ASCII.
pub fn cookie_pair(set_cookie: &HeaderValue) -> String {
    let line = set_cookie.to_str().expect("our cookies are ASCII");
    line.split(';').next().unwrap_or_default().to_owned()
}
