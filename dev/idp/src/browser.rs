//! The provider's two cookies, and the token that ties its forms to them.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderValue,
        header::{COOKIE, SET_COOKIE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};

use crate::{provider::Shared, secret};

/// The browser that a request came from.
///
/// One cookie identifies the browser from its first sign-in on. The other is the session, and is
/// new with every sign-in. All ports of a host share cookies, so both names contain the port.
pub(crate) struct Browser {
    name: String,
    secret: String,
    known: bool,
    session: Option<String>,
    port: u16,
    secure: bool,
}

impl Browser {
    /// The browser's own secret.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// The session cookie, valid or not.
    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The token that forms must contain: another site can post a form but cannot read this.
    pub(crate) fn csrf(&self) -> String {
        secret::digest(&format!("csrf {}", self.secret))
    }

    /// Whether a form came from a page that we sent to this browser.
    pub(crate) fn wrote(&self, csrf: &str) -> bool {
        self.known && secret::equal(csrf, &self.csrf())
    }

    /// Adds the browser's cookie to the response if the browser is new.
    pub(crate) fn remember(&self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        if !self.known {
            self.set(&mut response, &self.name, &self.secret);
        }
        response
    }

    /// Adds a new session cookie to the response.
    pub(crate) fn signed_in(&self, answer: impl IntoResponse, session: &str) -> Response {
        let mut response = answer.into_response();
        self.set(&mut response, &session_name(self.port), session);
        response
    }

    fn set(&self, response: &mut Response, name: &str, value: &str) {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
        let cookie = HeaderValue::from_str(&cookie).expect("names and secrets are plain ASCII");
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

impl FromRequestParts<Shared> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, idp: &Shared) -> Result<Self, Infallible> {
        let port = idp.config.base_url.port_or_known_default().unwrap_or_default();
        let name = format!("idp-browser-{port}");
        let known = cookie(&parts.headers, &name);
        Ok(Self {
            known: known.is_some(),
            secret: known.unwrap_or_else(secret::token),
            session: cookie(&parts.headers, &session_name(port)),
            name,
            port,
            secure: idp.config.base_url.scheme() == "https",
        })
    }
}

fn session_name(port: u16) -> String {
    format!("idp-session-{port}")
}

/// One of our cookies by name; a value of another form isn't ours.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs =
        cookies.flat_map(|header| header.split(';')).filter_map(|it| it.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
    let value = value.trim();
    (secret::from_base64url(value)?.len() == 32).then(|| value.to_owned())
}
