//! Application registrations. What is read is read with tolerance; what is sent is exactly this.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A registration as it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) app_id: String,
    pub(crate) tags: Vec<String>,
    pub(crate) password_credentials: Vec<PasswordCredential>,
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

/// `passwordCredential`, as it is listed: never with the secret.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PasswordCredential {
    pub(crate) display_name: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) end_date_time: Option<OffsetDateTime>,
}

/// The body of `addPassword`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddPassword {
    pub(crate) password_credential: NewPassword,
}

/// The secret to be made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewPassword {
    pub(crate) display_name: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) end_date_time: OffsetDateTime,
}

/// The answer of `addPassword`, the one time that the secret is told.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddedPassword {
    pub(crate) secret_text: String,
}
