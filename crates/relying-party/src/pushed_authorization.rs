use std::str::FromStr;

use settings::{Environment, Setting, SettingError};

use crate::{EndpointName, Endpoints};

const PUSHED_AUTHORIZATION: Setting = Setting::new(
    "OIDC_PUSHED_AUTHORIZATION",
    "when authorization requests are pushed (RFC 9126): only if the provider's metadata says that it \
     is `required`, or whenever it is `supported`",
    "supported",
)
.default("required");

/// When authorization requests are pushed (RFC 9126).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushedAuthorization {
    /// If the provider takes no others (section 5).
    Required,
    /// If the provider has an endpoint for them.
    Supported,
}

impl PushedAuthorization {
    /// Reads `OIDC_PUSHED_AUTHORIZATION`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        environment.required(&PUSHED_AUTHORIZATION)
    }

    /// Whether requests to this provider are pushed.
    pub fn applies(self, endpoints: &Endpoints) -> bool {
        let is_supported = || endpoints.url(EndpointName::PushedAuthorization).is_ok();
        endpoints.requires_pushing() || (self == Self::Supported && is_supported())
    }
}

impl FromStr for PushedAuthorization {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "required" => Ok(Self::Required),
            "supported" => Ok(Self::Supported),
            _ => Err("it must be required or supported"),
        }
    }
}
