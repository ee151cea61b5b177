//! A valid authorization request (OpenID Connect Core, section 3.1.2.1).

use crate::{scopes::Scopes, state::Account};

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

/// How strong a sign-in the client asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestedStepUp {
    /// Whether it asked at all.
    pub(crate) is_asked: bool,
    pub(crate) second_factor: bool,
    /// The authentication contexts that the sign-in satisfies.
    pub(crate) contexts: Vec<String>,
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
    pub(crate) step_up: RequestedStepUp,
    /// Whether the sign-in gives a refresh token.
    pub(crate) refresh_token: bool,
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

    /// Whether the user still has to enter a second factor.
    pub(crate) fn needs_second_factor(&self, account: &Account) -> bool {
        self.step_up.second_factor && account.second_factor_at.is_none()
    }
}
