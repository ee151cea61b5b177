//! A valid authorization request (OpenID Connect Core, section 3.1.2.1).

use crate::{
    scopes::Scopes,
    state::{Account, PASSWORD, SECOND_FACTOR},
};

/// How the response is sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    FormPost,
}

/// A value of `prompt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    None,
    Login,
    SelectAccount,
    Consent,
    Create,
}

/// Where the response goes.
#[derive(Debug, Clone)]
pub(crate) struct ResponseTarget {
    pub(crate) redirect_uri: String,
    pub(crate) response_mode: ResponseMode,
    pub(crate) state: Option<String>,
}

/// A valid request of a registered client, with a registered redirect URI.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: &'static str,
    pub(crate) target: ResponseTarget,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: Scopes,
    /// The S256 challenge (RFC 7636).
    pub(crate) challenge: String,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) login_hint: Option<String>,
    /// In seconds.
    pub(crate) max_age: Option<u64>,
    /// In order of preference.
    pub(crate) acr_values: Vec<String>,
    /// The user in the `id_token_hint`.
    pub(crate) hinted_oid: Option<String>,
}

impl AuthorizationRequest {
    pub(crate) fn asks(&self, prompt: Prompt) -> bool {
        self.prompts.contains(&prompt)
    }

    /// Whether the user entered a password within `max_age`; zero asks for one every time.
    pub(crate) fn is_fresh(&self, account: &Account, now: u64) -> bool {
        match self.max_age {
            None => true,
            Some(0) => false,
            Some(max_age) => now.saturating_sub(account.auth_time) <= max_age,
        }
    }

    /// Whether the user still has to enter a second factor. The first known value of
    /// `acr_values` counts; unknown ones are ignored, as the parameter is voluntary.
    pub(crate) fn needs_second_factor(&self, account: &Account) -> bool {
        let known = |value: &&String| [PASSWORD, SECOND_FACTOR].contains(&value.as_str());
        let wanted = self.acr_values.iter().find(known);
        wanted.is_some_and(|value| value == SECOND_FACTOR) && account.second_factor_at.is_none()
    }
}
