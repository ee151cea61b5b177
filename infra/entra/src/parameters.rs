//! The parameters of `template.yaml` that the tenant decides.

use std::{fmt, path::Path, str::FromStr};

use settings::Profile;

use crate::{authority::Authority, error::Error, observed::Observed, part::Part, wanted::PROFILE};

/// The parameter that names the secret with the key.
const KEY_ARN: &str = "ClientKeyArn";

/// The full ARN of a secret in AWS Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretArn(String);

/// Not the full ARN of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "it must be {must_be}; this prints it: aws secretsmanager describe-secret --secret-id NAME \
     --query ARN --output text"
)]
pub struct SecretArnError {
    must_be: String,
}

impl FromStr for SecretArn {
    type Err = SecretArnError;

    fn from_str(text: &str) -> Result<Self, SecretArnError> {
        // Names often end in "-secret", which looks like the characters of AWS. A parameter may be
        // empty, an argument may not.
        let is_partial = text.is_empty() || text.ends_with("-secret");
        let constraint =
            deploy_parameters::constraint(KEY_ARN).expect("template.yaml has a pattern for it");
        if is_partial || !constraint.allows(text) {
            return Err(SecretArnError { must_be: constraint.description });
        }
        Ok(Self(text.to_owned()))
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
        authority: &Authority,
        web_certificate: bool,
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
        let selects = Profile::of_issuer(&authority.issuer).name == PROFILE;
        let daemon = observed.application(Part::Daemon).map(|it| it.app_id.as_str());
        let clients = std::iter::once(web).chain(daemon);
        let scopes = permissions::all().map(|it| format!("api://{api}/{}", it.scope));
        let mut all = vec![
            ("Issuer", authority.issuer.clone()),
            ("MetadataUrl", authority.metadata_url.clone()),
            // Where the issuer selects the profile, there is nothing to set.
            ("Provider", if selects { String::new() } else { PROFILE.to_owned() }),
            ("ClientId", web.to_owned()),
            ("Scopes", scopes.collect::<Vec<_>>().join(" ")),
            ("Audience", api.to_owned()),
            ("AllowedClients", clients.collect::<Vec<_>>().join(" ")),
        ];
        if web_certificate {
            all.push(("ClientAuth", "private_key_jwt".to_owned()));
            // A function refuses a secret beside a key.
            all.push(("ClientSecretArn", String::new()));
        }
        all.extend(secret_arn.map(|arn| (KEY_ARN, arn.to_string())));
        Ok(Self(all))
    }

    /// One `Name=value` in a line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let set = self.0.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// Writes them into the file of generated parameters, from which empty ones go.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        Ok(deploy_parameters::write(path, &self.0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_arn_is_one_that_the_template_and_a_policy_take() {
        let arn = |name: &str| format!("arn:aws:secretsmanager:eu-central-1:123456789012:{name}");
        for name in ["secret:tollgate-AbCdEf", "secret:tollgate-dev/client-credential-a5a07b"] {
            assert_eq!(arn(name).parse::<SecretArn>().unwrap().to_string(), arn(name));
        }
        for text in [
            String::new(),
            "tollgate/client-credential".to_owned(),
            arn("secret:tollgate"),
            arn("secret:tollgate/client-credential"),
            arn("secret:toll gate-AbCdEf"),
            arn("secret:toll\"gate-AbCdEf"),
            arn("secret:tollgate-AbCdEf") + "\n",
            arn("key/tollgate-AbCdEf"),
        ] {
            let error = text.parse::<SecretArn>().unwrap_err().to_string();
            assert!(error.contains("full ARN") && error.contains("describe-secret"), "{error}");
        }
    }
}
