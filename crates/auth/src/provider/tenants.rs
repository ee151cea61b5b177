//! Issuers that differ in a tenant's id only.

use crate::{ConfigError, Issuer, config_error::without_user_info, provider::issuer::is_guid};

/// Where the tenant's id goes in a template: as Microsoft Entra ID writes it in
/// its metadata and in its keys.
const PLACEHOLDER: &str = "{tenantid}";

/// The issuer of each tenant, written out: a token's `iss` is compared with them
/// and never taken apart.
pub(crate) fn issuers<T: AsRef<str>>(
    template: &str,
    tenants: impl IntoIterator<Item = T>,
) -> Result<Vec<Issuer>, ConfigError> {
    let fault = |reason| ConfigError::Issuer { value: without_user_info(template), reason };
    let segments = template.split('/').filter(|segment| *segment == PLACEHOLDER).count();
    if segments != 1 || template.matches(PLACEHOLDER).count() != 1 {
        return Err(fault("must have {tenantid} once, as a whole segment of its path"));
    }
    let issuers: Vec<Issuer> = tenants
        .into_iter()
        .map(|tenant| {
            let tenant = tenant.as_ref();
            if !is_guid(tenant) {
                return Err(ConfigError::Tenant(tenant.to_owned()));
            }
            // Entra writes them in lower case, and issuers compare exactly.
            Issuer::parse(&fill(template, &tenant.to_ascii_lowercase()))
        })
        .collect::<Result<_, _>>()?;
    // Otherwise `tid` would not be checked.
    if !issuers.iter().all(Issuer::is_entra) {
        return Err(fault("must end in /{tenantid}/v2.0"));
    }
    if issuers.is_empty() {
        return Err(ConfigError::NoTenants);
    }
    Ok(issuers)
}

/// The template with this in the place of the tenant's id.
pub(crate) fn fill(template: &str, tenant: &str) -> String {
    template.replace(PLACEHOLDER, tenant)
}

/// Whether a key that carries this issuer is for tokens of that one: it is the
/// same, or the template of it.
pub(crate) fn is_for(key: &str, issuer: &Issuer) -> bool {
    key == issuer.as_str()
        || issuer.tenant().is_some_and(|tenant| fill(key, tenant) == issuer.as_str())
}
