//! The applications registered in the tenant, and the demo users.

/// The client id of the API app: the `aud` of its access tokens, and the host of its scopes' names.
pub const API_CLIENT_ID: &str = "11111111-aaaa-4aaa-8aaa-111111111111";

/// What an application identifies itself with at the token endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The client id.
    pub client_id: &'static str,
    /// The client secret, made once for each data file.
    pub client_secret: String,
}

/// A user that is there from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoUser {
    /// The address the user signs in with.
    pub username: &'static str,
    /// The password, the same for everybody and no secret.
    pub password: &'static str,
    /// The display name.
    pub name: &'static str,
}
