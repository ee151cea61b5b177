use std::str::FromStr;

use relying_party::{TokenEndpointError, sanitized_code};
use settings::{Environment, Setting, SettingErrors, all};

const REFRESH_SCOPES: Setting = Setting::new(
    "OIDC_REFRESH_SCOPES",
    "whether a refresh names scopes: `none`, or `requested` (those of the session's sign-in)",
    "none",
)
.by_profile();

const SIGN_IN_AGAIN_ERRORS: Setting = Setting::new(
    "OIDC_SIGN_IN_AGAIN_ERRORS",
    "error codes of a refresh that end the session; `AADSTS…` is looked for in `error_description`",
    "\"invalid_grant interaction_required\"",
)
.by_profile();

/// Errors of a refresh for an API of `OTHER_APIS` that say something about that API alone: it is
/// unknown, or user, administrator or policy don't allow the web app to use it.
///
/// # What breaks if this changes
/// They end no session. Otherwise, a user without access to one API would be signed out by the
/// first use of it, again after each sign-in.
const API_NOT_GRANTED_ERRORS: [&str; 9] = [
    "invalid_scope",
    // RFC 8707, section 2.
    "invalid_target",
    // OpenID Connect Core, section 3.1.2.6. Another API may require another factor.
    "consent_required",
    "interaction_required",
    // Auth0, for an unknown audience.
    "access_denied",
    // Entra: the API isn't in the tenant.
    "invalid_resource",
    "AADSTS500011",
    // Entra, both as `invalid_grant`: no consent, and no assignment to the API's app.
    "AADSTS65001",
    "AADSTS50105",
];

/// How a refresh token is redeemed, and what ends its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefreshConfig {
    /// Whether the request has the scopes of the session's sign-in. Otherwise it is for those that the refresh
    /// token stands for.
    pub(crate) names_scopes: bool,
    sign_in_again: Vec<ErrorCode>,
}

impl RefreshConfig {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are wrong.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (scopes, sign_in_again) = all((
            environment.required::<RefreshScopes>(&REFRESH_SCOPES),
            environment.required_list(&SIGN_IN_AGAIN_ERRORS),
        ))?;
        Ok(Self { names_scopes: scopes == RefreshScopes::Requested, sign_in_again })
    }

    /// Whether only a new sign-in can help. All other errors end no session: they may be a fault of
    /// our settings, or the provider's.
    pub(crate) fn means_sign_in_again(&self, error: &TokenEndpointError) -> bool {
        self.sign_in_again.iter().any(|ErrorCode(code)| has_code(error, code))
    }
}

/// Whether a refresh for an API of `OTHER_APIS` failed because the session has no access to it.
pub(crate) fn means_api_not_granted(error: &TokenEndpointError) -> bool {
    API_NOT_GRANTED_ERRORS.iter().any(|code| has_code(error, code))
}

fn has_code(error: &TokenEndpointError, code: &str) -> bool {
    let TokenEndpointError::Refused(error) = error else { return false };
    error.code == code || error.entra_code.as_deref() == Some(code)
}

#[derive(PartialEq, Eq)]
enum RefreshScopes {
    None,
    Requested,
}

impl FromStr for RefreshScopes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "none" => Ok(Self::None),
            "requested" => Ok(Self::Requested),
            _ => Err("it must be none or requested"),
        }
    }
}

/// An `error` (RFC 6749, section 5.2), or a code of Microsoft Entra.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ErrorCode(String);

impl FromStr for ErrorCode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if text != sanitized_code(text) || !text.strip_prefix("AADSTS").is_none_or(is_number) {
            return Err("it must be error codes such as invalid_grant or AADSTS90009");
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_makes_no_sense_is_named() {
        for (name, value) in [
            ("OIDC_REFRESH_SCOPES", "all"),
            ("OIDC_SIGN_IN_AGAIN_ERRORS", "AADSTS"),
            ("OIDC_SIGN_IN_AGAIN_ERRORS", "AADSTS9000x"),
            ("OIDC_SIGN_IN_AGAIN_ERRORS", "invalid_grant, login_required"),
        ] {
            let read = |value| RefreshConfig::from_environment(&Environment::of([(name, value)]));
            assert_eq!(read(value).unwrap_err().names(), [name], "{value}");
            assert!(read(" ").is_ok(), "empty is absent");
        }
    }
}
