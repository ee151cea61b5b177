//! The provider's addresses and the paths of the pages.

use url::Url;

use crate::behavior::Paths;

/// The tenant's id: part of the issuer, and the `tid` of every token.
pub const TENANT_ID: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";

/// The tenant's domain name. Discovery answers under it too, with the issuer of the tenant's id.
pub const TENANT_NAME: &str = "tollgatedev.onmicrosoft.com";

// Pages of a sign-in: see `page`.
pub(crate) const SIGN_IN: &str = "sign-in";
pub(crate) const SIGN_UP: &str = "sign-up";
pub(crate) const ACCOUNTS: &str = "accounts";
pub(crate) const CONSENT: &str = "consent";
pub(crate) const SECOND_FACTOR: &str = "second-factor";
pub(crate) const LEAVE: &str = "leave";

pub(crate) const CONTROL_PAGE: &str = "/dev";
pub(crate) const ROTATE_KEYS: &str = "/dev/rotate-keys";
pub(crate) const TOKEN: &str = "/dev/tokens/{name}";
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

/// The paths of everything in one of the provider's folders.
pub(crate) struct Folder(String);

impl Folder {
    /// The folders, the issuer's first.
    pub(crate) fn all(paths: &Paths) -> impl Iterator<Item = Self> {
        let path = |name: &&str| if name.is_empty() { String::new() } else { format!("/{name}") };
        paths.folders.iter().map(move |name| Self(path(name)))
    }

    /// The path of an endpoint.
    pub(crate) fn path(&self, endpoint: &str) -> String {
        format!("{}{endpoint}", self.0)
    }

    /// The path of the discovery document.
    pub(crate) fn metadata(&self, paths: &Paths) -> String {
        let issuer = self.path(paths.issuer);
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }
}

/// The provider's addresses under a base URL.
pub(crate) struct Tenant {
    pub(crate) origin: String,
    pub(crate) issuer: String,
    pub(crate) metadata_url: String,
    pub(crate) token_endpoint: String,
    folder: Folder,
}

impl Tenant {
    /// The provider with these paths at `base_url`, which must be an origin.
    pub(crate) fn at(base_url: &Url, paths: &Paths) -> Self {
        let origin = base_url.origin().ascii_serialization();
        let mut folders = Folder::all(paths);
        let folder = folders.next().expect("a provider has a folder");
        // Under its alias, if it has one.
        let metadata =
            folders.last().map_or_else(|| folder.metadata(paths), |it| it.metadata(paths));
        Self {
            issuer: format!("{origin}{}", folder.path(paths.issuer)),
            metadata_url: format!("{origin}{metadata}"),
            token_endpoint: format!("{origin}{}", folder.path(paths.token)),
            folder,
            origin,
        }
    }

    /// The URL of an endpoint.
    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!("{}{}", self.origin, self.folder.path(endpoint))
    }
}
