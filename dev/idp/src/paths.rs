//! The tenant's addresses and the paths of the pages.

use url::Url;

/// The tenant's id: part of the issuer, and the `tid` of every token.
pub const TENANT_ID: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";

/// The tenant's domain name. Discovery answers under it too, with the issuer of the tenant's id.
pub const TENANT_NAME: &str = "tollgatedev.onmicrosoft.com";

// Endpoints, below `/{tenant}`.
pub(crate) const METADATA: &str = "/v2.0/.well-known/openid-configuration";
pub(crate) const KEYS: &str = "/discovery/v2.0/keys";
pub(crate) const AUTHORIZE: &str = "/oauth2/v2.0/authorize";
pub(crate) const TOKEN: &str = "/oauth2/v2.0/token";
pub(crate) const PAR: &str = "/oauth2/v2.0/par";
pub(crate) const LOGOUT: &str = "/oauth2/v2.0/logout";
pub(crate) const USERINFO: &str = "/oidc/userinfo";

// Pages of a sign-in: see `page`.
pub(crate) const SIGN_IN: &str = "sign-in";
pub(crate) const SIGN_UP: &str = "sign-up";
pub(crate) const ACCOUNTS: &str = "accounts";
pub(crate) const CONSENT: &str = "consent";
pub(crate) const SECOND_FACTOR: &str = "second-factor";
pub(crate) const LEAVE: &str = "leave";

pub(crate) const CONTROL_PAGE: &str = "/dev";
pub(crate) const ROTATE_KEYS: &str = "/dev/rotate-keys";
pub(crate) const USER: &str = "/dev/users/{user}";
pub(crate) const USER_SIGN_OUT: &str = "/dev/users/{user}/sign-out";
// The templates repeat these two.
pub(crate) const STYLES: &str = "/dev/idp.css";
pub(crate) const ICON: &str = "/dev/icon.svg";

/// The path of a page of one sign-in.
pub(crate) fn page(page: &str, interaction: &str) -> String {
    format!("/{TENANT_ID}/{page}/{interaction}")
}

/// Where the sign-out form is posted.
pub(crate) fn sign_out_form() -> String {
    format!("/{TENANT_ID}/sign-out")
}

/// The control page of one user.
pub(crate) fn user_page(oid: &str) -> String {
    USER.replace("{user}", oid)
}

/// The tenant's addresses under a base URL.
pub(crate) struct Tenant {
    pub(crate) origin: String,
    pub(crate) issuer: String,
    pub(crate) metadata_url: String,
    pub(crate) token_endpoint: String,
}

impl Tenant {
    /// The tenant at `base_url`, which must be an origin.
    pub(crate) fn at(base_url: &Url) -> Self {
        let origin = base_url.origin().ascii_serialization();
        Self {
            issuer: format!("{origin}/{TENANT_ID}/v2.0"),
            metadata_url: format!("{origin}/{TENANT_NAME}{METADATA}"),
            token_endpoint: format!("{origin}/{TENANT_ID}{TOKEN}"),
            origin,
        }
    }

    /// The URL of an endpoint.
    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!("{}/{TENANT_ID}{endpoint}", self.origin)
    }
}
