//! Which access tokens of an issuer are for us.

use std::str::FromStr;

use crate::ConfigError;

/// Which access tokens of one issuer are for this API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessTokenRules {
    /// Accepted audiences; one of the token's is enough. Must not be empty.
    pub audiences: Vec<String>,
    /// The claim that names the audience.
    pub audience_claim: AudienceClaim,
    /// The claims that name the client, the party that may present the token: `azp` and
    /// `client_id` by default. The first that is there counts. Must not be empty.
    pub client_claims: Vec<String>,
    /// Accepted clients. Empty: any client.
    pub allowed_clients: Vec<String>,
    /// The claims under which a user's things are kept: `oid` and `sub` by default. The first
    /// that is there counts, and a user's token without any is refused. Name no claim whose value
    /// may pass from one user to another. Must not be empty.
    pub owner_claims: Vec<String>,
    /// Accepted `typ`. Empty: both. A token without `typ` passes too, unless
    /// [`TokenType::AtJwt`] stands alone: then a token must have all that RFC 9068 requires.
    pub token_types: Vec<TokenType>,
    /// The claims that list scopes, `scp` and `scope` by default: each is names
    /// with single spaces between them, or a list of names. A token in which two
    /// of them are there and differ is refused. Must not be empty.
    pub scope_claims: Vec<String>,
    /// The claims that list an application's roles, `roles` by default: each is a
    /// list of names, or written as scopes are where it is one of
    /// [`scope_claims`](Self::scope_claims) too, as at Amazon Cognito, whose
    /// applications have scopes and no roles. Must not be empty.
    pub role_claims: Vec<String>,
    /// Whether a token without `idtyp` is an application's if it has roles, a client, and nothing
    /// that tells of scopes or a sign-in, as at Entra. Turn it off where users' tokens can be
    /// like that, as at Auth0, whose `permissions` may come without `scope`. On by default.
    pub applications_by_roles: bool,
    /// Whether a token without `idtyp` whose `sub` is its own client is an application's
    /// (RFC 9068, section 2.2), as at Amazon Cognito and, with `@clients`, at Auth0. Not if it has
    /// an owner claim other than `sub`: Okta has users' tokens whose `sub` is a name that they
    /// may have chosen. Off by default, so its scopes count like a user's.
    pub applications_by_subject: bool,
    /// A token without `idtyp` is an application's if it has any of these claims, as text, which no
    /// user's token may have, such as `clientAddress` at Keycloak. None by default.
    pub application_claims: Vec<String>,
    /// Whether tokens must be bound to a DPoP key (RFC 9449). If not, those that
    /// are bound still need their proof. Needs
    /// [`Verifier::with_dpop`](crate::Verifier::with_dpop).
    pub require_dpop: bool,
}

impl AccessTokenRules {
    /// Tokens for any of these audiences, with the defaults for all else.
    pub fn new<A: Into<String>>(audiences: impl IntoIterator<Item = A>) -> Self {
        Self {
            audiences: audiences.into_iter().map(Into::into).collect(),
            audience_claim: AudienceClaim::default(),
            client_claims: vec!["azp".to_owned(), "client_id".to_owned()],
            allowed_clients: Vec::new(),
            owner_claims: vec!["oid".to_owned(), "sub".to_owned()],
            token_types: Vec::new(),
            scope_claims: vec!["scp".to_owned(), "scope".to_owned()],
            role_claims: vec!["roles".to_owned()],
            applications_by_roles: true,
            applications_by_subject: false,
            application_claims: Vec::new(),
            require_dpop: false,
        }
    }

    /// Refuses rules by which tokens would pass that are not for this API.
    pub(crate) fn checked(self) -> Result<Self, ConfigError> {
        let has_empty = |names: &[String]| names.iter().any(String::is_empty);
        let is_audience = |name: &String| !name.is_empty() && !name.contains(char::is_whitespace);
        if self.audiences.is_empty() || !self.audiences.iter().all(is_audience) {
            return Err(ConfigError::Audience);
        }
        if has_empty(&self.allowed_clients) {
            return Err(ConfigError::AllowedClient);
        }
        if self.scope_claims.is_empty() || has_empty(&self.scope_claims) {
            return Err(ConfigError::ScopeClaim);
        }
        if self.role_claims.is_empty() || has_empty(&self.role_claims) {
            return Err(ConfigError::RoleClaim);
        }
        if self.client_claims.is_empty() || has_empty(&self.client_claims) {
            return Err(ConfigError::ClientClaim);
        }
        if self.owner_claims.is_empty() || has_empty(&self.owner_claims) {
            return Err(ConfigError::OwnerClaim);
        }
        if has_empty(&self.application_claims) {
            return Err(ConfigError::ApplicationClaim);
        }
        Ok(self)
    }
}

/// The claim by which an access token says for whom it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AudienceClaim {
    /// `aud` (RFC 7519, section 4.1.3): every provider but those named below.
    #[default]
    Aud,
    /// `client_id`, for Amazon Cognito, whose access tokens have no `aud` unless
    /// the client asked for a resource. The audiences are then the app clients
    /// whose tokens are taken. `aud` is not looked at.
    ClientId,
}

impl FromStr for AudienceClaim {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        match name {
            "aud" => Ok(Self::Aud),
            "client_id" => Ok(Self::ClientId),
            _ => Err(ConfigError::AudienceClaim(name.to_owned())),
        }
    }
}

/// A `typ` that access tokens may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenType {
    /// `JWT`: what Entra sends.
    Jwt,
    /// `at+jwt` of RFC 9068.
    AtJwt,
}

impl FromStr for TokenType {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        if name.eq_ignore_ascii_case("jwt") {
            Ok(Self::Jwt)
        } else if name.eq_ignore_ascii_case("at+jwt") {
            Ok(Self::AtJwt)
        } else {
            Err(ConfigError::TokenType(name.to_owned()))
        }
    }
}
