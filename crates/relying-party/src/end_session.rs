//! Sign-out at the provider.

use url::Url;

use crate::{ClientId, EndpointError, EndpointName, Endpoints};

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
    /// The URL to redirect the browser to.
    ///
    /// # Errors
    /// When the provider has no usable end-session endpoint.
    pub fn url(&self, endpoints: &Endpoints) -> Result<Url, EndpointError> {
        let mut url = endpoints.url(EndpointName::EndSession)?.clone();
        let optional = [
            ("id_token_hint", self.id_token_hint),
            ("logout_hint", self.logout_hint),
            ("post_logout_redirect_uri", self.post_logout_redirect_uri.map(Url::as_str)),
            ("state", self.state),
        ];
        url.query_pairs_mut()
            .append_pair("client_id", self.client_id.as_str())
            .extend_pairs(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        Ok(url)
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
        .url(&Endpoints::of(document.as_object().unwrap()));
        assert_eq!(
            url.unwrap().as_str(),
            "https://login.example/logout?p=1&client_id=web&id_token_hint=a.b.c\
             &post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F&state=s%26t"
        );
    }
}
