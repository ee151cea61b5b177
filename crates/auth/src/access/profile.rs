//! Which access tokens pass.

use crate::{
    AccessClaims, AccessTokenRules, AudienceClaim, Provider, Scheme, TokenError, TokenType,
    UntrustedText,
    access::{claims::Confirmation, permissions::Permissions},
    token::{
        audience,
        claims::{Claims, missing},
    },
    verified::{DecodedToken, TokenProfile},
};

/// An issuer, and which of its tokens are for us.
#[derive(Clone)]
pub(crate) struct TrustedIssuer {
    pub(crate) provider: Provider,
    pub(crate) rules: AccessTokenRules,
}

/// How a token was presented, and who is trusted to have issued it.
pub(crate) struct AccessTokenProfile<'v> {
    pub(crate) trusted: &'v [TrustedIssuer],
    pub(crate) scheme: Scheme,
}

impl TokenProfile for AccessTokenProfile<'_> {
    type Claims = AccessClaims;

    fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.trusted.iter().map(|trusted| &trusted.provider)
    }

    fn check(&self, provider: usize, token: &DecodedToken<'_>) -> Result<AccessClaims, TokenError> {
        let rules = &self.trusted[provider].rules;
        let claims = rules.check(token)?;
        match (self.scheme, claims.confirmation()) {
            // A thief would send it without a proof, too (RFC 9449, section 7.2).
            (Scheme::Bearer, Some(_)) => Err(TokenError::SenderConstrained),
            (Scheme::Bearer, None) if rules.require_dpop => Err(TokenError::NotBound),
            (Scheme::Bearer, None) | (Scheme::Dpop, Some(Confirmation::Jkt(_))) => Ok(claims),
            (Scheme::Dpop, Some(Confirmation::Other) | None) => Err(TokenError::NotBound),
        }
    }
}

impl AccessTokenRules {
    fn check(&self, token: &DecodedToken<'_>) -> Result<AccessClaims, TokenError> {
        let claims = &token.claims;
        self.check_type(token)?;
        self.check_audience(claims)?;
        let client = claims.first_text(&self.client_claims)?;
        self.check_client(client)?;
        let granted = Permissions::of(claims, self)?;
        let is_app_only = granted.is_app_only(claims, client, self)?;
        let owner = if is_app_only { None } else { Some(self.owner(claims)?) };
        AccessClaims::of(token, client, granted, owner)
    }

    /// Under what the things of the token's user are kept.
    pub(crate) fn owner<'c>(&self, claims: &Claims<'c>) -> Result<&'c str, TokenError> {
        let owner = claims.first_text(&self.owner_claims)?;
        owner.ok_or_else(|| missing(&self.owner_claims.join("` or `")))
    }

    fn check_type(&self, token: &DecodedToken<'_>) -> Result<(), TokenError> {
        let allows = |wanted| self.token_types.is_empty() || self.token_types.contains(&wanted);
        let (passes, expected) = match (allows(TokenType::Jwt), allows(TokenType::AtJwt)) {
            (true, true) => (&[Some("jwt"), None, Some("at+jwt")][..], "absent, JWT or at+jwt"),
            (true, false) => (&[Some("jwt"), None][..], "absent or JWT"),
            _ => (&[Some("at+jwt")][..], "at+jwt"),
        };
        token.header.check_type(passes, expected)?;
        // RFC 9068, section 2.2; the rest of what it requires is required of every token.
        if expected == "at+jwt" {
            token.claims.required_text("client_id")?;
            token.claims.required_text("jti")?;
            if !token.claims.has("iat") {
                return Err(missing("iat"));
            }
        }
        Ok(())
    }

    fn check_audience(&self, claims: &Claims<'_>) -> Result<(), TokenError> {
        match self.audience_claim {
            AudienceClaim::Aud => audience::check_shared(claims, &self.audiences),
            AudienceClaim::ClientId => {
                let client = claims.required_text("client_id")?;
                if self.audiences.iter().any(|expected| expected == client) {
                    return Ok(());
                }
                let (expected, actual) = (self.audiences.clone(), vec![UntrustedText::new(client)]);
                Err(TokenError::WrongAudience { expected, actual })
            }
        }
    }

    pub(crate) fn check_client(&self, client: Option<&str>) -> Result<(), TokenError> {
        let listed = |client| self.allowed_clients.iter().any(|allowed| allowed == client);
        if self.allowed_clients.is_empty() || client.is_some_and(listed) {
            return Ok(());
        }
        Err(TokenError::ClientNotAllowed {
            expected: self.allowed_clients.clone(),
            actual: client.map(UntrustedText::new),
        })
    }
}
