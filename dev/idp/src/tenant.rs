//! The one tenant: its names and the addresses that follow from them.

use url::Url;

/// The tenant's id, part of the issuer and the `tid` of every token.
pub const TENANT_ID: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";

/// The tenant's domain name; discovery answers under it too, with the issuer of the id.
pub const TENANT_NAME: &str = "tollgatedev.onmicrosoft.com";

/// The addresses of the tenant under a base URL.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    pub(crate) origin: String,
    pub(crate) issuer: String,
    pub(crate) metadata_url: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) end_session_endpoint: String,
    pub(crate) jwks_uri: String,
    pub(crate) par_endpoint: String,
    pub(crate) userinfo_endpoint: String,
}

impl Tenant {
    /// The tenant as seen at `base_url`, which is an origin (checked when the provider opens).
    pub(crate) fn at(base_url: &Url) -> Self {
        let origin = base_url.origin().ascii_serialization();
        let tenant = format!("{origin}/{TENANT_ID}");
        Self {
            issuer: format!("{tenant}/v2.0"),
            metadata_url: format!("{origin}/{TENANT_NAME}/v2.0/.well-known/openid-configuration"),
            authorization_endpoint: format!("{tenant}/oauth2/v2.0/authorize"),
            token_endpoint: format!("{tenant}/oauth2/v2.0/token"),
            end_session_endpoint: format!("{tenant}/oauth2/v2.0/logout"),
            jwks_uri: format!("{tenant}/discovery/v2.0/keys"),
            par_endpoint: format!("{tenant}/oauth2/v2.0/par"),
            userinfo_endpoint: format!("{tenant}/oidc/userinfo"),
            origin,
        }
    }
}
