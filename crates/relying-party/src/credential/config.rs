//! Where the credential comes from.

use std::{fmt, str::FromStr};

use outbound::{Outbound, SecretError, WebIdentityError};
use settings::{Environment, Setting, SettingError, SettingErrors, all};
use zeroize::Zeroizing;

use super::{ClientCredential, ClientKey, ClientSecret, WebIdentity};

/// The settings of the client's credential: `OIDC_CLIENT_AUTH`, and the one of `OIDC_CLIENT_SECRET`,
/// `OIDC_CLIENT_SECRET_ARN`, `OIDC_CLIENT_KEY`, `OIDC_CLIENT_KEY_ARN` and
/// `OIDC_CLIENT_ASSERTION_AUDIENCE` that goes with it.
#[derive(Clone)]
pub struct CredentialConfig {
    method: Method,
    source: CredentialSource,
}

#[derive(Clone)]
enum CredentialSource {
    Setting(Zeroizing<String>),
    SecretsManager(String),
}

impl CredentialConfig {
    /// Reads the settings and checks what can be checked without a request.
    ///
    /// # Errors
    /// When the method needs a secret or a key and has none or several, one is set that the method
    /// doesn't use, or a value is not a secret, key or ARN.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let method = environment.required::<Method>(&AUTH);
        let secret = Variables::read(&SECRET, &SECRET_ARN, environment);
        let key = Variables::read(&KEY, &KEY_ARN, environment);
        let (method, audience) = all((method, environment.required::<String>(&AUDIENCE)))?;
        let (secret_unused, key_unused) = (secret.unset(method), key.unset(method));
        // A credential of the wrong kind comes first: the one that is missing follows from it.
        let ((), source) = match method {
            Method::Basic | Method::Post => all((key_unused, secret.source(method)))?,
            Method::PrivateKeyJwt => all((secret_unused, key.source(method)))?,
            Method::WebIdentity => {
                let ((), ()) = all((secret_unused, key_unused))?;
                ((), CredentialSource::Setting(Zeroizing::new(audience)))
            }
        };
        Ok(Self { method, source })
    }

    /// The credential itself, from Secrets Manager if it is kept there.
    ///
    /// # Errors
    /// When Secrets Manager does not give it, or it is no secret or key.
    pub async fn load(
        &self,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<ClientCredential, CredentialError> {
        let text = match &self.source {
            CredentialSource::Setting(text) => text.clone(),
            CredentialSource::SecretsManager(arn) => {
                Zeroizing::new(outbound.secret(environment, arn).await?)
            }
        };
        self.method.credential(text.trim()).map_err(CredentialError::Unusable)
    }
}

/// The credential could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Secrets Manager did not give it.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// AWS did not vouch for the function's role.
    #[error(transparent)]
    WebIdentity(#[from] WebIdentityError),
    /// What Secrets Manager gave is no secret or key. The text says why, not what.
    #[error("what Secrets Manager keeps as the client's credential cannot be used: {0}")]
    Unusable(String),
}

impl CredentialError {
    /// Whether it is of no use to try again: somebody has to change a setting or the secret.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Secret(error) => !matches!(error, SecretError::Refused { .. }),
            Self::WebIdentity(error) => matches!(error, WebIdentityError::Settings(_)),
            Self::Unusable(_) => true,
        }
    }
}

/// One kind of credential: the setting that holds it and the one with its ARN, with their values.
struct Variables<'a> {
    value: (&'static Setting, Option<&'a str>),
    arn: (&'static Setting, Option<&'a str>),
}

impl<'a> Variables<'a> {
    fn read(value: &'static Setting, arn: &'static Setting, environment: &'a Environment) -> Self {
        let read = |setting| (setting, environment.value(setting));
        Self { value: read(value), arn: read(arn) }
    }

    fn source(&self, method: Method) -> Result<CredentialSource, SettingError> {
        let ((setting, value), (arn_setting, arn)) = (self.value, self.arn);
        match (value, arn) {
            (Some(_), Some(_)) => {
                let reason = format_args!("{} is set too; unset one", setting.name);
                Err(SettingError::invalid(arn_setting, reason))
            }
            (None, None) => Err(SettingError::missing(setting)),
            (Some(value), None) => {
                let invalid = |reason| SettingError::invalid(setting, reason);
                method.credential(value).map_err(invalid)?;
                Ok(CredentialSource::Setting(Zeroizing::new(value.to_owned())))
            }
            (None, Some(arn)) if arn.starts_with("arn:") => {
                Ok(CredentialSource::SecretsManager(arn.to_owned()))
            }
            (None, Some(_)) => Err(SettingError::invalid(arn_setting, "it is not an ARN")),
        }
    }

    /// Refuses both, for a method that uses neither.
    fn unset(&self, method: Method) -> Result<(), SettingErrors> {
        let auth = AUTH.name;
        let reason = format_args!("{auth} is {method}, which does not use it; unset it or {auth}");
        let unset = |(setting, value): (&'static Setting, Option<&str>)| match value {
            Some(_) => Err(SettingError::invalid(setting, reason)),
            None => Ok(()),
        };
        all((unset(self.value), unset(self.arn))).map(drop)
    }
}

const SECRET: Setting = Setting::new(
    "OIDC_CLIENT_SECRET",
    "the web app's client secret",
    "<the secret that the provider shows when it is created>",
)
.optional("`OIDC_CLIENT_SECRET_ARN` or a key")
.secret();

const SECRET_ARN: Setting = Setting::new(
    "OIDC_CLIENT_SECRET_ARN",
    "where AWS Secrets Manager keeps the client secret",
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tollgate-AbCdEf",
)
.optional("`OIDC_CLIENT_SECRET` or a key");

const KEY: Setting = Setting::new(
    "OIDC_CLIENT_KEY",
    "the web app's private key (PEM), for `private_key_jwt`",
    "\"$(cat client-key.pem)\"",
)
.optional("`OIDC_CLIENT_KEY_ARN` or a secret")
.secret();

const KEY_ARN: Setting = Setting::new(
    "OIDC_CLIENT_KEY_ARN",
    "where AWS Secrets Manager keeps the private key",
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tollgate-AbCdEf",
)
.optional("`OIDC_CLIENT_KEY` or a secret");

const AUTH: Setting = Setting::new(
    "OIDC_CLIENT_AUTH",
    "`client_secret_basic`, `client_secret_post`, `private_key_jwt` with a key instead of a secret, \
     or `aws_web_identity` with neither: AWS STS signs a token about the function's role",
    "client_secret_basic",
)
.default("client_secret_basic");

const AUDIENCE: Setting = Setting::new(
    "OIDC_CLIENT_ASSERTION_AUDIENCE",
    "the audience of the tokens of `aws_web_identity`, as the provider expects it",
    "api://AzureADTokenExchange",
)
.default("api://AzureADTokenExchange");

/// `OIDC_CLIENT_AUTH`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Basic,
    Post,
    PrivateKeyJwt,
    WebIdentity,
}

impl Method {
    const ALL: [Self; 4] = [Self::Basic, Self::Post, Self::PrivateKeyJwt, Self::WebIdentity];

    fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::WebIdentity => "aws_web_identity",
        }
    }

    /// `text` is the secret, the key or the audience.
    fn credential(self, text: &str) -> Result<ClientCredential, String> {
        let secret = || ClientSecret::parse(text).map_err(|error| error.to_string());
        let key = || ClientKey::parse(text).map_err(|error| error.to_string());
        Ok(match self {
            Self::Basic => ClientCredential::Basic(secret()?),
            Self::Post => ClientCredential::Post(secret()?),
            Self::PrivateKeyJwt => ClientCredential::PrivateKeyJwt(key()?),
            Self::WebIdentity => ClientCredential::WebIdentity(WebIdentity::new(text)),
        })
    }
}

impl FromStr for Method {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|method| method.as_str() == text);
        named.ok_or(
            "it is client_secret_basic, client_secret_post, private_key_jwt or aws_web_identity",
        )
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x";

    fn error<const N: usize>(settings: [(&str, &str); N]) -> String {
        let config = CredentialConfig::from_environment(&Environment::of(settings));
        config.err().unwrap().to_string()
    }

    fn is_good<const N: usize>(settings: [(&str, &str); N]) -> bool {
        CredentialConfig::from_environment(&Environment::of(settings)).is_ok()
    }

    #[test]
    fn one_secret_is_enough_for_the_default_method() {
        assert!(is_good([("OIDC_CLIENT_SECRET", "s"), ("OIDC_CLIENT_SECRET_ARN", "")]));
        assert!(is_good([("OIDC_CLIENT_SECRET_ARN", ARN), ("OIDC_CLIENT_SECRET", " ")]));
        assert!(is_good([("OIDC_CLIENT_SECRET", "s"), ("OIDC_CLIENT_AUTH", "client_secret_post")]));
    }

    #[test]
    fn no_secret_and_two_secrets_are_named() {
        assert!(error([]).starts_with("OIDC_CLIENT_SECRET is not set"));
        let both = error([("OIDC_CLIENT_SECRET", "s"), ("OIDC_CLIENT_SECRET_ARN", ARN)]);
        assert!(
            both.starts_with("OIDC_CLIENT_SECRET_ARN is not valid: OIDC_CLIENT_SECRET is set too"),
            "{both}"
        );
        let key = error([("OIDC_CLIENT_AUTH", "private_key_jwt")]);
        assert!(key.starts_with("OIDC_CLIENT_KEY is not set"), "{key}");
    }

    #[test]
    fn a_credential_that_does_not_go_with_the_method_is_named() {
        let key = error([("OIDC_CLIENT_SECRET", "s"), ("OIDC_CLIENT_KEY_ARN", ARN)]);
        assert!(
            key.starts_with("OIDC_CLIENT_KEY_ARN is not valid: OIDC_CLIENT_AUTH is client_secret_"),
            "{key}"
        );
        let secret = error([("OIDC_CLIENT_AUTH", "private_key_jwt"), ("OIDC_CLIENT_SECRET", "s")]);
        let reason = "OIDC_CLIENT_AUTH is private_key_jwt, which does not use it; unset it or";
        let (first, second) = secret.split_once('\n').unwrap();
        assert!(
            first.starts_with(&format!("OIDC_CLIENT_SECRET is not valid: {reason}")),
            "{first}"
        );
        assert!(second.starts_with("OIDC_CLIENT_KEY is not set"), "{second}");
    }

    #[test]
    fn with_a_web_identity_there_is_no_other_credential() {
        const METHOD: (&str, &str) = ("OIDC_CLIENT_AUTH", "aws_web_identity");
        assert!(is_good([METHOD]));
        assert!(is_good([METHOD, ("OIDC_CLIENT_ASSERTION_AUDIENCE", "api://x")]));
        for name in [
            "OIDC_CLIENT_SECRET",
            "OIDC_CLIENT_SECRET_ARN",
            "OIDC_CLIENT_KEY",
            "OIDC_CLIENT_KEY_ARN",
        ] {
            let error = error([METHOD, (name, ARN)]);
            let reason = "OIDC_CLIENT_AUTH is aws_web_identity, which does not use it";
            assert!(error.starts_with(&format!("{name} is not valid: {reason}")), "{error}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_and_never_repeated() {
        for (settings, start) in [
            (
                [("OIDC_CLIENT_AUTH", "none"), ("OIDC_CLIENT_SECRET", "s")],
                "OIDC_CLIENT_AUTH is not valid",
            ),
            (
                [("OIDC_CLIENT_AUTH", "private_key_jwt"), ("OIDC_CLIENT_KEY", "hunter2")],
                "OIDC_CLIENT_KEY is not valid: there is no PEM private key in it",
            ),
            (
                [("OIDC_CLIENT_AUTH", "client_secret_post"), ("OIDC_CLIENT_SECRET", "hunter2\nx")],
                "OIDC_CLIENT_SECRET is not valid",
            ),
            (
                [("OIDC_CLIENT_AUTH", ""), ("OIDC_CLIENT_SECRET_ARN", "hunter2")],
                "OIDC_CLIENT_SECRET_ARN is not valid: it is not an ARN",
            ),
        ] {
            let error = error(settings);
            assert!(error.starts_with(start), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
