use std::{convert::Infallible, str::FromStr};

use axum::extract::FromRequestParts;
use http::{Extensions, request::Parts};
use lambda_http::request::RequestContext;
use settings::{Environment, Setting, SettingError};
use url::{Host, Url};

use crate::Problem;

/// The origin that browsers see.
pub const PUBLIC_URL: Setting =
    Setting::new("PUBLIC_URL", "the origin that browsers see", "https://todos.example.com")
        .optional("`https://{requestContext.domainName}` of the event");

/// The setting `PUBLIC_URL`: the origin that browsers see, or nothing, and then each API Gateway
/// event says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicUrl(Option<PublicOrigin>);

impl PublicUrl {
    /// Reads the setting.
    ///
    /// # Errors
    /// When it is set to something that is no origin.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self(environment.optional(&PUBLIC_URL)?))
    }

    /// This origin for every request.
    pub fn fixed(origin: PublicOrigin) -> Self {
        Self(Some(origin))
    }

    /// The origin under which a request was made. Never from a request header: whoever sends the
    /// request writes those.
    pub(crate) fn of(&self, extensions: &Extensions) -> Option<PublicOrigin> {
        self.0.clone().or_else(|| {
            let RequestContext::ApiGatewayV2(context) = extensions.get()? else {
                return None;
            };
            format!("https://{}", context.domain_name.as_deref()?).parse().ok()
        })
    }
}

/// Scheme, host and port that browsers see, e.g. `https://todos.example.com`: https, or http on a
/// loopback host. An axum extractor in every router that `with_defaults` was put around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicOrigin(Url);

impl PublicOrigin {
    /// Without a slash at its end, as in an `Origin` header.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of a path on this origin. `path` starts with `/` and is one of ours.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// Whether browsers come over TLS: true everywhere but on a developer's machine.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

/// What keeps a text from being a [`PublicOrigin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicOriginError {
    /// Not an absolute URL.
    #[error("not a URL")]
    Unparsable,
    /// There is more than scheme, host and port.
    #[error("an origin is only scheme, host and port, without a path, query or user")]
    TooMuch,
    /// Plain http outside this machine.
    #[error("it must be https (http is for localhost only)")]
    Insecure,
}

impl FromStr for PublicOrigin {
    type Err = PublicOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| PublicOriginError::Unparsable)?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match url.scheme() {
            _ if !bare => Err(PublicOriginError::TooMuch),
            "https" => Ok(Self(url)),
            "http" if is_loopback(url.host().as_ref()) => Ok(Self(url)),
            _ => Err(PublicOriginError::Insecure),
        }
    }
}

fn is_loopback(host: Option<&Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => *name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl<S: Sync> FromRequestParts<S> for PublicOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .expect("`with_defaults` answers a request without a public origin itself")
            .clone())
    }
}

/// The answer when nobody says what the public origin is.
pub(crate) fn unknown() -> Problem {
    crate::unexpected(&"the event has no requestContext.domainName and PUBLIC_URL is not set")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_or_loopback_and_nothing_more() {
        use PublicOriginError::{Insecure, TooMuch, Unparsable};
        let check = |text: &str, expected| {
            assert_eq!(text.parse::<PublicOrigin>().map(|o| o.as_str().to_owned()), expected);
        };
        check("https://todos.example.com", Ok("https://todos.example.com".to_owned()));
        check("https://todos.example.com:8443/", Ok("https://todos.example.com:8443".to_owned()));
        check("http://localhost:3000", Ok("http://localhost:3000".to_owned()));
        check("http://127.0.0.1:3000", Ok("http://127.0.0.1:3000".to_owned()));
        check("http://[::1]:3000", Ok("http://[::1]:3000".to_owned()));
        check("http://todos.example.com", Err(Insecure));
        check("http://localhost.example.com", Err(Insecure));
        check("ftp://localhost", Err(Insecure));
        check("https://todos.example.com/app", Err(TooMuch));
        check("https://user@todos.example.com", Err(TooMuch));
        check("https://todos.example.com?x", Err(TooMuch));
        check("todos.example.com", Err(Unparsable));
    }
}
