use std::str::FromStr;

use confidential_client::ConfidentialClientConfig;
use relying_party::{AdditionalParams, PushedAuthorization};
use settings::{Environment, Setting, SettingError, SettingErrors, StepUpMethod, all};

/// What the function reads from its environment.
#[derive(Clone)]
pub struct Config {
    pub(crate) client: ConfidentialClientConfig,
    pub(crate) additional_params: AdditionalParams,
    pub(crate) pushed_authorization: PushedAuthorization,
    pub(crate) step_up: StepUpMethod,
    pub(crate) frontchannel_logout: FrontchannelLogout,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or invalid.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (client, additional_params, pushed_authorization, step_up, frontchannel_logout) =
            all((
                ConfidentialClientConfig::from_environment(environment),
                AdditionalParams::from_environment(environment),
                PushedAuthorization::from_environment(environment),
                StepUpMethod::from_environment(environment),
                FrontchannelLogout::from_environment(environment),
            ))?;
        Ok(Self { client, additional_params, pushed_authorization, step_up, frontchannel_logout })
    }
}

const FRONTCHANNEL_LOGOUT: Setting = Setting::new(
    "OIDC_FRONTCHANNEL_LOGOUT",
    "what a front-channel logout must have: `iss_sid`, `sid` (Entra sends no `iss`), or `none` to \
     refuse all",
    "iss_sid",
)
.by_profile();

/// The parameters that the provider sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrontchannelLogout {
    /// `iss` and `sid`.
    IssSid,
    /// `sid`, and perhaps `iss`.
    Sid,
    /// It has no front-channel logout.
    None,
}

impl FrontchannelLogout {
    /// Reads `OIDC_FRONTCHANNEL_LOGOUT`.
    ///
    /// # Errors
    /// When it is none of these.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        environment.required(&FRONTCHANNEL_LOGOUT)
    }
}

impl FromStr for FrontchannelLogout {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "iss_sid" => Ok(Self::IssSid),
            "sid" => Ok(Self::Sid),
            "none" => Ok(Self::None),
            _ => Err("it must be iss_sid, sid or none"),
        }
    }
}
