//! What differs between providers, as data. `profiles` says which provider behaves how.

use serde_json::Value;

/// How the provider behaves where providers differ. What none of these fields says is the same for
/// all.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Behavior {
    /// The profile's name, as in `OIDC_PROVIDER`.
    pub(crate) like: &'static str,
    pub(crate) paths: Paths,
    pub(crate) api: ApiNames,
    /// Whether error descriptions begin with an `AADSTS` number.
    pub(crate) aadsts: bool,
    pub(crate) unknown_scopes: UnknownScopes,
    /// Whether `offline_access` is a scope.
    pub(crate) offline_access: bool,
    pub(crate) refresh_tokens: RefreshTokens,
    /// Whether a refresh gives a new refresh token.
    pub(crate) refresh_rotates: bool,
    /// Whether a refresh must name its scopes if client and API share one registration.
    pub(crate) own_api_needs_scope: bool,
    /// Whether signing out ends refresh tokens, except those for `offline_access`.
    pub(crate) sign_out_ends_refresh_tokens: bool,
    pub(crate) step_up: StepUp,
    pub(crate) sign_out: SignOut,
    pub(crate) front_channel: FrontChannel,
    /// Whether logout tokens are posted.
    pub(crate) back_channel: bool,
    /// Whether authorization responses have `iss` (RFC 9207).
    pub(crate) response_iss: bool,
    /// Whether each client knows a user by another `sub`.
    pub(crate) pairwise: bool,
    /// Whether an access token that is for no API is opaque.
    pub(crate) opaque_without_api: bool,
    /// Whether an authorization request gets scopes of the API only with `audience`.
    pub(crate) api_needs_audience: bool,
    pub(crate) machines: Machines,
    /// The `typ` in the header of access and ID tokens.
    pub(crate) typ: Option<&'static str>,
    /// Claims with the same value in every token.
    pub(crate) every_token: &'static [(&'static str, &'static str)],
    pub(crate) user_token: fn(&UserFacts<'_>) -> Value,
    pub(crate) id_token: fn(&UserFacts<'_>) -> Value,
    pub(crate) app_token: fn(&AppFacts<'_>) -> Value,
}

/// Where the endpoints are. One without a path is not supported.
#[derive(Clone, Copy)]
pub(crate) struct Paths {
    /// The folders that have everything: the first is the issuer's, the others are aliases.
    pub(crate) folders: &'static [&'static str],
    /// The issuer, below its folder.
    pub(crate) issuer: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) authorize: &'static str,
    pub(crate) token: &'static str,
    pub(crate) userinfo: &'static str,
    pub(crate) logout: Option<&'static str>,
    /// Pushed authorization requests (RFC 9126).
    pub(crate) par: Option<&'static str>,
    /// Token revocation (RFC 7009).
    pub(crate) revocation: Option<&'static str>,
}

/// How the API and its scopes are named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApiNames {
    /// The API's registration is the `aud`. Requests name scopes in full
    /// (`api://{client id}/ToDoList.Read`), tokens in short.
    Registration,
    /// The same names in requests and tokens, with this prefix.
    Fixed {
        /// The `aud` of access tokens; without one, the client's id is in its place.
        audience: Option<&'static str>,
        prefix: &'static str,
    },
    /// The provider has no APIs but its own.
    None,
}

/// What happens to a request for a scope that doesn't exist.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownScopes {
    /// `invalid_client`, AADSTS650053: a scope without a resource is one of Microsoft Graph.
    Graph,
    /// `invalid_scope`.
    Refused,
    /// The scope is left out.
    Dropped,
}

/// When a sign-in gives a refresh token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshTokens {
    /// With the scope `offline_access`.
    OfflineAccess,
    Always,
    /// With `access_type=offline` and `prompt=consent`.
    AccessType,
}

/// How a stronger sign-in is requested and shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepUp {
    /// By `acr_values`, and in `acr`.
    AcrValues {
        password: &'static str,
        second_factor: &'static str,
        /// Whether `acr` is in every ID token, or only if it was asked for.
        always: bool,
    },
    /// By the `claims` parameter, and in the array `acrs`.
    AuthenticationContexts,
    /// Requests for one are ignored.
    None,
}

/// What a sign-out request must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignOut {
    /// OpenID Connect RP-Initiated Logout; everything is optional.
    EndSession,
    /// The same with a required `id_token_hint`.
    IdTokenHint,
    /// `client_id` and `logout_uri`.
    LogoutUri,
}

/// What the URL of a front-channel logout has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrontChannel {
    IssAndSid,
    Sid,
    /// There is none.
    None,
}

/// How a machine client asks for the API.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machines {
    /// By `scope`, which must be `{API}/.default`.
    DefaultScope,
    /// By `scope`; without it, it gets all that it was granted.
    Scopes,
    /// By `scope`, which is required.
    RequiredScopes,
    /// By `audience`.
    Audience,
    /// There are none.
    None,
}

/// What a provider knows when it issues a token for a user.
pub(crate) struct UserFacts<'a> {
    pub(crate) now: u64,
    /// Another one for every token.
    pub(crate) token_id: String,
    pub(crate) client_id: &'a str,
    /// The API's; without one, the token is for no API.
    pub(crate) audience: Option<&'a str>,
    pub(crate) issuer: &'a str,
    pub(crate) oid: &'a str,
    pub(crate) sub: String,
    /// Display and user name, unless the test wants tokens without them.
    pub(crate) name: Option<&'a str>,
    pub(crate) username: Option<&'a str>,
    pub(crate) sid: &'a str,
    /// The scopes of OpenID Connect that were granted.
    pub(crate) identity_scopes: Vec<&'static str>,
    /// The scopes of the API that were granted, as tokens name them.
    pub(crate) api_scopes: Vec<String>,
    pub(crate) nonce: Option<&'a str>,
    /// When the user entered the password, unless this is a refresh.
    pub(crate) auth_time: Option<u64>,
    /// Whether the client asked how recent or strong the sign-in is.
    pub(crate) is_auth_asked: bool,
    pub(crate) acr: Option<&'static str>,
    pub(crate) acrs: Vec<&'a str>,
}

impl UserFacts<'_> {
    /// All granted scopes.
    pub(crate) fn scopes(&self) -> Vec<&str> {
        let api = self.api_scopes.iter().map(String::as_str);
        self.identity_scopes.iter().copied().chain(api).collect()
    }
}

/// What a provider knows when it issues a token for an application that acts as itself.
pub(crate) struct AppFacts<'a> {
    pub(crate) now: u64,
    pub(crate) token_id: String,
    pub(crate) client_id: &'a str,
    pub(crate) audience: &'a str,
    /// The id of its service principal or service account.
    pub(crate) object_id: &'a str,
    /// What it was granted, as tokens name it.
    pub(crate) permissions: Vec<String>,
}
