//! Application registrations. What is read is read with tolerance; what is sent is exactly this.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::Serializer};
use time::{OffsetDateTime, serde::rfc3339};

/// A registration as it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) app_id: String,
    pub(crate) tags: Vec<String>,
    pub(crate) key_credentials: Vec<KeyCredential>,
    #[serde(flatten)]
    pub(crate) settings: Settings,
}

/// What we set on a registration. What is `None` is not sent and stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sign_in_audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identifier_uris: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) api: Option<Api>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app_roles: Option<Vec<AppRole>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) optional_claims: Option<OptionalClaims>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) required_resource_access: Option<Vec<RequiredResourceAccess>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web: Option<Web>,
}

/// A registration to be made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewApplication {
    pub(crate) display_name: String,
    pub(crate) tags: Vec<String>,
    #[serde(flatten)]
    pub(crate) settings: Settings,
}

/// `apiApplication`, whole: what we do not set goes back as it came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Api {
    #[serde(skip_serializing_if = "Option::is_none")]
    accept_mapped_claims: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_client_applications: Option<Vec<String>>,
    pub(crate) oauth2_permission_scopes: Vec<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_authorized_applications: Option<Vec<PreAuthorized>>,
    pub(crate) requested_access_token_version: Option<i32>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PreAuthorized {
    app_id: String,
    delegated_permission_ids: Vec<String>,
}

/// `permissionScope`, without `origin`, which Graph reads only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Scope {
    pub(crate) id: String,
    pub(crate) value: Option<String>,
    pub(crate) is_enabled: bool,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) admin_consent_display_name: Option<String>,
    pub(crate) admin_consent_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_consent_display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_consent_description: Option<String>,
}

/// `appRole`, without `origin`, which Graph reads only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AppRole {
    pub(crate) id: String,
    pub(crate) value: Option<String>,
    pub(crate) is_enabled: bool,
    pub(crate) allowed_member_types: Vec<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) description: Option<String>,
}

/// `optionalClaims`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(clippy::struct_field_names, reason = "Graph's own")]
pub(crate) struct OptionalClaims {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_token: Option<Vec<OptionalClaim>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<Vec<OptionalClaim>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) saml2_token: Option<Vec<OptionalClaim>>,
}

/// `optionalClaim`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OptionalClaim {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    pub(crate) essential: bool,
    pub(crate) additional_properties: Vec<String>,
}

/// `requiredResourceAccess`: what a client asks for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RequiredResourceAccess {
    pub(crate) resource_app_id: String,
    pub(crate) resource_access: Vec<ResourceAccess>,
}

/// `resourceAccess`: a scope (`Scope`) or an app role (`Role`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ResourceAccess {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// `webApplication`, without `redirectUriSettings`, which says the same as `redirectUris`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Web {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) home_page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) implicit_grant_settings: Option<ImplicitGrant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logout_url: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
}

/// `implicitGrantSettings`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ImplicitGrant {
    pub(crate) enable_access_token_issuance: bool,
    pub(crate) enable_id_token_issuance: bool,
}

/// Other certificates for a registration: all of them, because they replace those that it has.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyCredentials {
    pub(crate) key_credentials: Vec<KeyCredential>,
}

/// `keyCredential`. What Graph returned goes back unchanged, because Graph refuses to change one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeyCredential(Value);

impl KeyCredential {
    /// One to be added: a certificate in Base64, and its own times. Graph adds the thumbprint
    /// (`customKeyIdentifier`).
    pub(crate) fn new(name: &str, key: &str, start: OffsetDateTime, end: OffsetDateTime) -> Self {
        let text = |time: OffsetDateTime| {
            rfc3339::serialize(&time, Serializer).expect("the year has four digits")
        };
        Self(json!({
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "displayName": name,
            "key": key,
            "startDateTime": text(start),
            "endDateTime": text(end),
        }))
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.0["displayName"] == name
    }

    /// When it ends, if Graph says so.
    pub(crate) fn end(&self) -> Option<OffsetDateTime> {
        rfc3339::deserialize(&self.0["endDateTime"]).ok()
    }
}
