//! The parameters of `template.yaml`, as `sam deploy --config-file` reads them.

use std::{fmt, fs, io, path::Path, str::FromStr};

use crate::{Origin, error::Error, observed::Observed, part::Part};

/// How a file of ours begins. One that begins otherwise may be a samconfig.toml.
const HEADER: &str = "# Written by infra/entra";

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
    pub(crate) fn of(
        observed: &Observed,
        public_url: &Origin,
        secret_arn: Option<&SecretArn>,
    ) -> Result<Self, Error> {
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
            ("PublicUrl", public_url.to_string()),
        ];
        all.extend(secret_arn.map(|arn| ("ClientSecretArn", arn.to_string())));
        Ok(Self(all))
    }

    /// One `Name=value` in a line.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// Writes the file anew.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        may_be_written(path)?;
        let new = path.with_extension("new");
        let written = fs::write(&new, self.toml()).and_then(|()| fs::rename(&new, path));
        written.map_err(|reason| Error::File { path: path.to_owned(), reason })
    }

    /// The values in quotes of their own: `sam` ends an unquoted one at its first space.
    fn toml(&self) -> String {
        // Ids, names of scopes, an origin and an ARN: there is no quote in them.
        let quoted = |(name, value): &(&str, String)| format!("    '{name}=\"{value}\"',\n");
        let lines: String = self.0.iter().map(quoted).collect();
        let arn = if self.0.iter().any(|(name, _)| *name == "ClientSecretArn") {
            ""
        } else {
            "    # Missing: ClientSecretArn. Store the secret, then `apply` with --secret-arn.\n"
        };
        format!(
            "{HEADER}, anew at each `apply --parameters`. Nothing in it is secret.\n\
             version = 0.1\n\n[default.deploy.parameters]\nparameter_overrides = [\n{lines}{arn}]\n"
        )
    }
}

/// Whether there is no such file, or one of ours.
pub(crate) fn may_be_written(path: &Path) -> Result<(), Error> {
    match fs::read_to_string(path) {
        Ok(old) if !old.starts_with(HEADER) => Err(Error::ForeignFile(path.to_owned())),
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
            Err(Error::File { path: path.to_owned(), reason })
        }
        _ => Ok(()),
    }
}

/// The issuer of an external tenant: its id is the host, whatever its name.
pub(crate) fn issuer(tenant_id: &str) -> String {
    format!("https://{tenant_id}.ciamlogin.com/{tenant_id}/v2.0")
}
