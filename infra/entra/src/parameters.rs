//! The parameters of `template.yaml` that the tenant decides.

use std::{fmt, path::Path, str::FromStr};

use crate::{error::Error, observed::Observed, part::Part};

/// The ARN of a secret in AWS Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretArn(String);

/// Not the ARN of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ARN of a secret begins with arn:aws:secretsmanager: and has no spaces or quotes")]
pub struct SecretArnError;

impl FromStr for SecretArn {
    type Err = SecretArnError;

    fn from_str(text: &str) -> Result<Self, SecretArnError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || ":/_+=.@!-".contains(c);
        let mut parts = text.split(':');
        let begins = [parts.next(), parts.nth(1)] == [Some("arn"), Some("secretsmanager")];
        if begins && text.chars().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SecretArnError)
        }
    }
}

impl fmt::Display for SecretArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a deployment at this tenant is started with. Nothing in it is secret.
pub(crate) struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// Those that the tenant decides; the others have defaults.
    pub(crate) fn of(observed: &Observed, secret_arn: Option<&SecretArn>) -> Result<Self, Error> {
        let app_id = |part| {
            let application = observed.application(part);
            application.map(|it| it.app_id.as_str()).ok_or(Error::Unreadable {
                what: "a registration",
                reason: "it should have been made by now".to_owned(),
            })
        };
        let (api, web) = (app_id(Part::Api)?, app_id(Part::Web)?);
        let scopes = permissions::all().map(|it| format!("api://{api}/{}", it.scope));
        let mut all = vec![
            ("Issuer", issuer(&observed.organization.id)),
            ("ClientId", web.to_owned()),
            ("Scopes", scopes.collect::<Vec<_>>().join(" ")),
            ("Audience", api.to_owned()),
        ];
        all.extend(secret_arn.map(|arn| ("ClientSecretArn", arn.to_string())));
        Ok(Self(all))
    }

    /// One `Name=value` in a line.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// Writes them into the file of generated parameters.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        Ok(deploy_parameters::write(path, &self.0)?)
    }
}

/// The issuer of an external tenant: its id is the host, whatever its name.
pub(crate) fn issuer(tenant_id: &str) -> String {
    format!("https://{tenant_id}.ciamlogin.com/{tenant_id}/v2.0")
}
