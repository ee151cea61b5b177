//! Sign-out at the provider.

use std::str::FromStr;

use settings::{Environment, Setting, SettingError};
use url::Url;

use crate::{ClientId, EndpointName, Endpoints};

const SIGN_OUT: Setting = Setting::new(
    "OIDC_SIGN_OUT",
    "how the browser signs out at the provider: `end_session` (OpenID Connect), `cognito` (`logout_uri`), \
     or `none`: it signs out here alone",
    "end_session",
)
.by_profile();

/// How a browser signs out at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOut {
    /// `OpenID` Connect RP-Initiated Logout 1.0.
    EndSession,
    /// The same endpoint with `client_id` and `logout_uri`, all that Amazon Cognito takes.
    Cognito,
    /// Not at all.
    None,
}

impl SignOut {
    /// Reads `OIDC_SIGN_OUT`.
    ///
    /// # Errors
    /// When it is none of the ways.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        environment.required(&SIGN_OUT)
    }
}

impl FromStr for SignOut {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "end_session" => Ok(Self::EndSession),
            "cognito" => Ok(Self::Cognito),
            "none" => Ok(Self::None),
            _ => Err("it must be end_session, cognito or none"),
        }
    }
}

/// A sign-out request (`OpenID` Connect RP-Initiated Logout 1.0, section 2).
#[derive(Clone)]
pub struct EndSession<'a> {
    /// The user's last ID token: names the user, and shows that the request is ours.
    pub id_token_hint: Option<&'a str>,
    /// Our client ID.
    pub client_id: &'a ClientId,
    /// The provider's name of the user (Entra: the ID token's `login_hint` claim).
    pub logout_hint: Option<&'a str>,
    /// Where the browser goes afterwards; registered at the provider.
    pub post_logout_redirect_uri: Option<&'a Url>,
    /// Comes back with the browser.
    pub state: Option<&'a str>,
}

impl EndSession<'_> {
    /// The URL to redirect the browser to. `None` when the provider has no sign-out, or no usable
    /// endpoint for it.
    pub fn url(&self, sign_out: SignOut, endpoints: &Endpoints) -> Option<Url> {
        let back = self.post_logout_redirect_uri.map(Url::as_str);
        let optional = match sign_out {
            SignOut::EndSession => vec![
                ("id_token_hint", self.id_token_hint),
                ("logout_hint", self.logout_hint),
                ("post_logout_redirect_uri", back),
                ("state", self.state),
            ],
            SignOut::Cognito => vec![("logout_uri", back)],
            SignOut::None => return None,
        };
        let mut url = endpoints.url(EndpointName::EndSession).ok()?.clone();
        url.query_pairs_mut()
            .append_pair("client_id", self.client_id.as_str())
            .extend_pairs(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_sign_out_address_names_client_user_and_way_back() {
        let document = json!({ "end_session_endpoint": "https://login.example/logout?p=1" });
        let url = EndSession {
            id_token_hint: Some("a.b.c"),
            client_id: &"web".parse().unwrap(),
            logout_hint: None,
            post_logout_redirect_uri: Some(&Url::parse("https://app.example/").unwrap()),
            state: Some("s&t"),
        }
        .url(SignOut::EndSession, &Endpoints::of(document.as_object().unwrap()));
        assert_eq!(
            url.unwrap().as_str(),
            "https://login.example/logout?p=1&client_id=web&id_token_hint=a.b.c\
             &post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F&state=s%26t"
        );
    }
}
