//! Verifies access tokens.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    AccessClaims, AccessTokenRules, Caller, ConfigError, Dpop, Incoming, Issuer, Policy, Provider,
    ProviderStatus, Refusal, Rejection, Resource, Scheme, TokenError, Unavailable, Verified,
    VerifyError,
    access::claims::Confirmation,
    request::credentials::presented,
    verified::{self, Presented, Trust},
};

/// Verifies access tokens for one API, of one issuer or of several side by side.
/// Cheap to clone; clones share the key caches.
///
/// | you have | ask |
/// |---|---|
/// | a bearer token | [`verify`](Self::verify) |
/// | a request, and a policy | [`authorize`](Self::authorize) |
/// | a request, and decide yourself | [`authenticate`](Self::authenticate) |
#[derive(Clone)]
pub struct Verifier(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    trusted: Vec<Trusted>,
    resource: Option<Resource>,
    dpop: Option<Arc<Dpop>>,
}

/// An issuer, and which of its tokens are for us.
#[derive(Clone)]
struct Trusted {
    provider: Provider,
    rules: AccessTokenRules,
}

impl Verifier {
    /// A verifier for tokens of this provider by these rules.
    ///
    /// # Errors
    /// When the rules name no audience, or hold an empty name; when the provider's
    /// configuration names no algorithm, a leeway of more than an hour, or an address of
    /// the metadata that is not safe.
    pub fn new(provider: Provider, rules: AccessTokenRules) -> Result<Self, ConfigError> {
        provider.config().check()?;
        let trusted = vec![Trusted { provider, rules: rules.checked()? }];
        Ok(Self(Arc::new(Parts { trusted, resource: None, dpop: None })))
    }

    /// Trusts another provider too, by rules of its own. A token is judged by
    /// the keys and rules of the issuer that it names, and by no others.
    ///
    /// # Errors
    /// As [`new`](Self::new); when an issuer of this provider is trusted already.
    pub fn and(self, provider: Provider, rules: AccessTokenRules) -> Result<Self, ConfigError> {
        let is_trusted = |issuer: &Issuer| {
            self.0.trusted.iter().any(|known| known.provider.trusted(issuer.as_str()).is_some())
        };
        if let Some(twice) = provider.issuers().find(|issuer| is_trusted(issuer)) {
            return Err(ConfigError::IssuerTwice(twice.to_string()));
        }
        provider.config().check()?;
        let rules = rules.checked()?;
        Ok(self.change(|parts| parts.trusted.push(Trusted { provider, rules })))
    }

    /// Names the metadata of this resource in `WWW-Authenticate` (RFC 9728,
    /// section 5.1). A [`Resource`] in a request's extensions goes before it.
    #[must_use]
    pub fn with_resource(self, resource: Resource) -> Self {
        self.change(|parts| parts.resource = Some(resource))
    }

    /// Takes tokens that are bound to a key, with a DPoP proof of it (RFC 9449).
    /// Without this, bound tokens are refused, since nobody checks the binding.
    #[must_use]
    pub fn with_dpop(self, dpop: Dpop) -> Self {
        self.change(|parts| parts.dpop = Some(Arc::new(dpop)))
    }

    fn change(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        change(&mut parts);
        Self(Arc::new(parts))
    }

    /// Loads the keys of all issuers side by side, for the init phase of a
    /// function. A failure is no reason to end the start: requests try again.
    ///
    /// # Errors
    /// When the keys of one of the issuers are not to be had now.
    pub async fn warm(&self) -> Result<(), Unavailable> {
        for Trusted { provider, rules } in &self.0.trusted {
            if rules.require_dpop && self.0.dpop.is_none() {
                let issuer = provider.issuer();
                tracing::error!(%issuer, "DPoP is required and not enabled: no token will pass (Verifier::with_dpop)");
            }
        }
        let mut loading = JoinSet::new();
        for Trusted { provider, .. } in &self.0.trusted {
            let provider = provider.clone();
            loading.spawn(async move { provider.warm().await });
        }
        loading.join_all().await.into_iter().collect()
    }

    /// What is cached of each issuer, and how its fetches went, for metrics.
    pub fn status(&self) -> impl Iterator<Item = (&Issuer, ProviderStatus)> {
        self.0.trusted.iter().map(|Trusted { provider, .. }| (provider.issuer(), provider.status()))
    }

    /// Judges a bearer token.
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the fact that it fails, or
    /// [`VerifyError::Unavailable`] when the keys to judge it are not to be had.
    pub async fn verify(&self, token: &str) -> Result<Verified<AccessClaims>, VerifyError> {
        self.verify_as(Scheme::Bearer, token.as_bytes()).await
    }

    /// Judges the token of a request: a bearer token, or one with its DPoP proof.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn authenticate(
        &self,
        request: &Incoming<'_>,
    ) -> Result<Verified<AccessClaims>, Refusal> {
        let presented = presented(request.headers)?;
        if presented.scheme == Scheme::Dpop && self.0.dpop.is_none() {
            return Err(Refusal::DpopNotEnabled);
        }
        let claims = match self.verify_as(presented.scheme, presented.token).await {
            Ok(claims) => claims,
            Err(error) => {
                presented.text()?;
                return Err(error.into());
            }
        };
        if let (Scheme::Dpop, Some(dpop)) = (presented.scheme, &self.0.dpop) {
            let Some(Confirmation::Jkt(thumbprint)) = claims.confirmation() else {
                return Err(TokenError::NotBound.into());
            };
            dpop.judge(request, presented.token, thumbprint).await?;
        }
        Ok(claims)
    }

    /// Who makes this request, if they may.
    ///
    /// # Errors
    /// The whole answer for whoever may not: [`Rejection::into_response`].
    pub async fn authorize(
        &self,
        request: &Incoming<'_>,
        policy: &Policy,
    ) -> Result<Caller, Rejection> {
        match self.authenticate(request).await {
            Ok(claims) => policy.admit(claims).map_err(Refusal::from),
            Err(refusal) => Err(refusal),
        }
        .map_err(|refusal| self.rejection(request, refusal))
    }

    /// The answer to this request when it is refused for this reason.
    pub fn rejection(&self, request: &Incoming<'_>, refusal: Refusal) -> Rejection {
        let resource = request.resource.or(self.0.resource.as_ref());
        Rejection::new(request, refusal, resource, self.0.dpop.clone())
    }

    async fn verify_as(
        &self,
        scheme: Scheme,
        token: &[u8],
    ) -> Result<Verified<AccessClaims>, VerifyError> {
        let trust = Presentation { trusted: &self.0.trusted, scheme };
        let (claims, payload) = verified::verify(&trust, token).await?;
        Ok(claims.map(|claims| claims.with_payload(payload)))
    }
}

/// How a token was presented, and who is trusted to have issued it.
struct Presentation<'v> {
    trusted: &'v [Trusted],
    scheme: Scheme,
}

impl Trust for Presentation<'_> {
    type Claims = AccessClaims;

    fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.trusted.iter().map(|trusted| &trusted.provider)
    }

    fn judge(&self, provider: usize, token: &Presented<'_>) -> Result<AccessClaims, TokenError> {
        let rules = &self.trusted[provider].rules;
        let claims = rules.judge(token)?;
        match (self.scheme, claims.confirmation()) {
            // Whoever stole it would come without a proof, too (RFC 9449, section 7.2).
            (Scheme::Bearer, Some(_)) => Err(TokenError::SenderConstrained),
            (Scheme::Bearer, None) if rules.require_dpop => Err(TokenError::NotBound),
            (Scheme::Bearer, None) | (Scheme::Dpop, Some(Confirmation::Jkt(_))) => Ok(claims),
            (Scheme::Dpop, Some(Confirmation::Other) | None) => Err(TokenError::NotBound),
        }
    }
}
