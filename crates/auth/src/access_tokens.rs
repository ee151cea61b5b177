//! Verifies access tokens.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use crate::{
    AccessClaims, ConfigError, Issuer, Provider, Said, TokenError, Verified, VerifyError, audience,
    claims::{Claims, Form},
    unverified::Header,
    verified::{self, Presented},
};

/// Which access tokens of the issuer are for us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessTokenRules {
    /// Accepted `aud` values; one is enough. Must not be empty.
    pub audiences: Vec<String>,
    /// Accepted clients (`azp`, or `client_id`). Empty: any client.
    pub allowed_clients: Vec<String>,
    /// Accepted `typ`. Empty: both. A token without `typ` passes too, unless
    /// [`TokenType::AtJwt`] stands alone.
    pub token_types: Vec<TokenType>,
}

/// A `typ` that access tokens may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Verifies access tokens of one issuer for one API. Cheap to clone.
#[derive(Clone)]
pub struct AccessTokens {
    provider: Provider,
    rules: Arc<AccessTokenRules>,
}

impl AccessTokens {
    /// A verifier for tokens of this provider.
    ///
    /// # Errors
    /// When no audience is given, or an empty audience or client.
    pub fn new(provider: Provider, rules: AccessTokenRules) -> Result<Self, ConfigError> {
        if rules.audiences.is_empty() || rules.audiences.iter().any(String::is_empty) {
            return Err(ConfigError::Audience);
        }
        if rules.allowed_clients.iter().any(String::is_empty) {
            return Err(ConfigError::AllowedClient);
        }
        Ok(Self { provider, rules: Arc::new(rules) })
    }

    /// Judges a token.
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the fact that it fails, or
    /// [`VerifyError::Unavailable`] when the keys to judge it are not to be had.
    pub async fn verify(&self, token: &str) -> Result<Verified<AccessClaims>, VerifyError> {
        let issuer = self.provider.issuer();
        verified::verify(&self.provider, token, |presented| self.rules.judge(presented, issuer))
            .await
    }
}

impl AccessTokenRules {
    fn judge(
        &self,
        presented: &Presented<'_>,
        issuer: &Issuer,
    ) -> Result<AccessClaims, TokenError> {
        let claims = &presented.claims;
        self.judge_type(presented.header)?;
        audience::judge_shared(claims, &self.audiences)?;
        let client = match claims.text("azp")? {
            Some(azp) => Some(azp),
            None => claims.text("client_id")?,
        };
        self.judge_client(client)?;
        let granted = Granted::of(claims)?;
        Ok(AccessClaims {
            issuer: issuer.clone(),
            subject: claims.required_text("sub")?.to_owned(),
            object_id: claims.text("oid")?.map(str::to_owned),
            client: client.map(str::to_owned),
            app_only: granted.is_app_only(claims, client)?,
            scopes: granted.scopes.unwrap_or_default().into_iter().map(str::to_owned).collect(),
            roles: granted.roles.unwrap_or_default().into_iter().map(str::to_owned).collect(),
            payload: presented.payload.into(),
        })
    }

    fn judge_type(&self, header: &Header) -> Result<(), TokenError> {
        let allows = |wanted| self.token_types.is_empty() || self.token_types.contains(&wanted);
        let (passes, expected) = match (allows(TokenType::Jwt), allows(TokenType::AtJwt)) {
            (true, true) => (&[None, Some("jwt"), Some("at+jwt")][..], "absent, JWT or at+jwt"),
            (true, false) => (&[None, Some("jwt")][..], "absent or JWT"),
            _ => (&[Some("at+jwt")][..], "at+jwt"),
        };
        if passes.contains(&header.media_type().as_deref()) {
            Ok(())
        } else {
            Err(header.wrong_type(expected))
        }
    }

    fn judge_client(&self, client: Option<&str>) -> Result<(), TokenError> {
        let listed = |client| self.allowed_clients.iter().any(|allowed| allowed == client);
        if self.allowed_clients.is_empty() || client.is_some_and(listed) {
            return Ok(());
        }
        Err(TokenError::ClientNotAllowed {
            expected: self.allowed_clients.clone(),
            actual: client.map(Said::new),
        })
    }
}

/// The permissions in a token. `None` is a claim that is not there, which is
/// something else than one that is empty.
struct Granted<'c> {
    scopes: Option<Vec<&'c str>>,
    roles: Option<Vec<&'c str>>,
}

impl<'c> Granted<'c> {
    fn of(claims: &Claims<'c>) -> Result<Self, TokenError> {
        let scopes = match (
            claims.names("scp", Form::TextOrList)?,
            claims.names("scope", Form::TextOrList)?,
        ) {
            (Some(scp), Some(scope)) if !is_same(&scp, &scope) => {
                return Err(TokenError::ScopeConflict);
            }
            (Some(scp), _) => Some(scp),
            (None, scope) => scope,
        };
        let roles = claims.names("roles", Form::List)?;
        let names_any =
            |names: &Option<Vec<&str>>| names.as_ref().is_some_and(|names| !names.is_empty());
        if !names_any(&scopes) && !names_any(&roles) {
            return Err(TokenError::NotAnAccessToken);
        }
        Ok(Self { scopes, roles })
    }

    fn is_app_only(&self, claims: &Claims<'_>, client: Option<&str>) -> Result<bool, TokenError> {
        Ok(match claims.text("idtyp")? {
            Some(kind) => kind == "app",
            // An ID token of a user with roles looks the same, except that it
            // has a nonce (an application signs nobody in, so it has none)
            // and, at Entra, no client.
            None => {
                self.roles.is_some()
                    && self.scopes.is_none()
                    && client.is_some()
                    && !claims.has("nonce")
            }
        })
    }
}

/// Sorted, so that thousands of names cost no more than their size: nobody has
/// looked at the signature yet.
fn is_same(some: &[&str], others: &[&str]) -> bool {
    some.iter().collect::<BTreeSet<_>>() == others.iter().collect::<BTreeSet<_>>()
}
