//! The provider's two cookies, and the token that ties its forms to them.

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderValue,
        header::{COOKIE, SET_COOKIE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use std::convert::Infallible;

use crate::{provider::Idp, secret};

/// The browser a request came from.
///
/// One cookie names the browser, is there from its first sign-in on and proves nothing but that
/// the same browser comes again. The other is the signed-in session and is new with every sign-in.
/// Cookies are shared by all ports of a host, so both names carry the provider's port.
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

    /// The session cookie, whether or not it is worth anything.
    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// What forms must carry: a page of another site can post them but not read this.
    pub(crate) fn csrf(&self) -> String {
        secret::digest(&format!("csrf {}", self.secret))
    }

    /// Whether a form came from a page that this browser got from here.
    pub(crate) fn wrote(&self, csrf: &str) -> bool {
        self.known && secret::equal(csrf, &self.csrf())
    }

    /// Gives a browser that is new here its cookie along with the answer.
    pub(crate) fn remember(&self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        if !self.known {
            self.set(&mut response, &self.name, &self.secret);
        }
        response
    }

    /// Puts a new session cookie into the answer.
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

impl FromRequestParts<Idp> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, idp: &Idp) -> Result<Self, Infallible> {
        let port = idp.base_url().port_or_known_default().unwrap_or_default();
        let name = format!("idp-browser-{port}");
        let known = cookie(&parts.headers, &name);
        Ok(Self {
            known: known.is_some(),
            secret: known.unwrap_or_else(secret::token),
            session: cookie(&parts.headers, &session_name(port)),
            name,
            port,
            secure: idp.base_url().scheme() == "https",
        })
    }
}

fn session_name(port: u16) -> String {
    format!("idp-session-{port}")
}

/// A cookie of ours by name; anything of another form is not ours.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs =
        cookies.flat_map(|header| header.split(';')).filter_map(|it| it.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
    let value = value.trim();
    (secret::from_base64url(value)?.len() == 32).then(|| value.to_owned())
}
