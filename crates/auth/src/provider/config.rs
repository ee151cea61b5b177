//! What must be known of a provider beforehand.

use std::{borrow::Cow, time::Duration};

use url::Url;

use crate::{
    Algorithm, ConfigError, Issuer, config_error::without_user_info, is_safe_endpoint,
    provider::tenants,
};

/// With a longer leeway, tokens would hardly expire: more is a slip of the unit.
const LONGEST_LEEWAY: Duration = Duration::from_hours(1);

/// What must be known of a provider beforehand.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProviderConfig {
    /// The exact `iss`. Of a provider for several tenants, the template that its
    /// metadata names.
    pub issuer: Issuer,
    /// Where the metadata is, when not at
    /// `{issuer}/.well-known/openid-configuration`. Whatever it is, the
    /// document must name [`issuer`](Self::issuer). Must be safe to ask, see
    /// [`is_safe_endpoint`](crate::is_safe_endpoint).
    pub metadata_url: Option<Url>,
    /// Accepted signature algorithms.
    pub algorithms: Vec<Algorithm>,
    /// How far clocks may be apart. 60 seconds by default, an hour at most.
    pub leeway: Duration,
    /// The issuer of each tenant, when there are several.
    tenants: Option<Vec<Issuer>>,
}

impl ProviderConfig {
    /// The defaults for an issuer: metadata where discovery puts it, RS256,
    /// 60 seconds of leeway.
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            metadata_url: None,
            algorithms: vec![Algorithm::RS256],
            leeway: Duration::from_mins(1),
            tenants: None,
        }
    }

    /// Several tenants of one provider that share metadata and keys, as those of
    /// Microsoft Entra ID do: `https://login.microsoftonline.com/{tenantid}/v2.0`,
    /// with the placeholder as it stands here, and the ids of the tenants whose
    /// users may come in. The metadata is looked for under the tenant `common`.
    ///
    /// A key that carries its own `issuer` then verifies tokens of that issuer
    /// alone: one tenant's key must not sign for another.
    ///
    /// # Errors
    /// When the template does not end in `/{tenantid}/v2.0`, the form of Entra's
    /// issuers, or would not be an issuer; when no tenant is listed, or one that is not a GUID.
    pub fn for_tenants<T: AsRef<str>>(
        template: &str,
        tenants: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        let issuers = tenants::issuers(template, tenants)?;
        Ok(Self { tenants: Some(issuers), ..Self::new(Issuer::template(template)?) })
    }

    /// Refuses what would reject all users and look like an outage of the provider, or would
    /// let tokens in for ever.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.algorithms.is_empty() {
            return Err(ConfigError::NoAlgorithms);
        }
        if self.leeway > LONGEST_LEEWAY {
            return Err(ConfigError::Leeway(self.leeway));
        }
        match &self.metadata_url {
            Some(url) if !is_safe_endpoint(url) => {
                Err(ConfigError::MetadataUrl(without_user_info(url.as_str())))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn is_for_tenants(&self) -> bool {
        self.tenants.is_some()
    }

    /// The issuers whose tokens are accepted.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        match &self.tenants {
            Some(tenants) => tenants.iter(),
            None => std::slice::from_ref(&self.issuer).iter(),
        }
    }

    /// The address of the metadata: [`metadata_url`](Self::metadata_url), or where the issuer
    /// has it (OpenID Connect Discovery, section 4).
    pub fn discovery_url(&self) -> Url {
        if let Some(url) = &self.metadata_url {
            return url.clone();
        }
        let issuer = self.issuer.as_str();
        let issuer = match self.tenants {
            Some(_) => Cow::Owned(tenants::fill(issuer, "common")),
            None => Cow::Borrowed(issuer),
        };
        let issuer = issuer.strip_suffix('/').unwrap_or(&issuer);
        Url::parse(&format!("{issuer}/.well-known/openid-configuration"))
            .expect("an address without query stays one when its path grows")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
    const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";

    #[test]
    fn metadata_is_where_discovery_puts_it() {
        for issuer in ["https://a.example/x", "https://a.example/x/"] {
            let config = ProviderConfig::new(issuer.parse().unwrap());
            assert_eq!(
                config.discovery_url().as_str(),
                "https://a.example/x/.well-known/openid-configuration"
            );
        }
        let config = ProviderConfig::for_tenants(TEMPLATE, [TENANT]).unwrap();
        assert_eq!(
            config.discovery_url().as_str(),
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"
        );
    }

    #[test]
    fn each_listed_tenant_is_an_issuer() {
        let config = ProviderConfig::for_tenants(TEMPLATE, [TENANT.to_uppercase()]).unwrap();
        let issuers: Vec<&str> = config.issuers().map(Issuer::as_str).collect();
        assert_eq!(issuers, [format!("https://login.microsoftonline.com/{TENANT}/v2.0")]);
        assert!(config.issuers().all(Issuer::is_entra));
        assert_eq!(config.issuer.as_str(), TEMPLATE);
    }

    #[test]
    fn a_template_without_placeholder_or_tenants_is_refused() {
        for template in [
            "https://login.example/v2.0",
            "https://{tenantid}.login.example/v2.0",
            "https://login.example/x{tenantid}/v2.0",
            "https://{tenantid}.login.example/{tenantid}/v2.0",
            "https://login.example/{tenantid}/{tenantid}",
            "http://login.example/{tenantid}/v2.0",
            "{tenantid}",
            "https://sts.windows.net/{tenantid}/",
        ] {
            assert!(ProviderConfig::for_tenants(template, [TENANT]).is_err(), "{template}");
        }
        assert!(ProviderConfig::for_tenants(TEMPLATE, [""; 0]).is_err());
        for tenant in ["", "common", "organizations", "*", "contoso.onmicrosoft.com"] {
            assert!(ProviderConfig::for_tenants(TEMPLATE, [tenant]).is_err(), "{tenant}");
        }
    }
}
