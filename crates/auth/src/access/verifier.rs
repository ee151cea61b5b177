//! Verifies access tokens.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::task::JoinSet;

use crate::{
    AccessClaims, AccessTokenRules, AuthError, AuthErrorResponse, Caller, ConfigError, Dpop,
    Issuer, Policy, Provider, ProviderStatus, RequestHead, Resource, Scheme, Scope, SessionUser,
    TokenError, TokenPart, UnavailableError, User, Verified, VerifyError,
    access::{
        claims::Confirmation,
        profile::{AccessTokenProfile, TrustedIssuer},
    },
    request::credentials::raw_credentials,
    token::{claims::Claims, json::Object},
    verified,
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
    trusted: Vec<TrustedIssuer>,
    resource: Option<Resource>,
    dpop: Option<Arc<Dpop>>,
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
        let trusted = vec![TrustedIssuer { provider, rules: rules.checked()? }];
        Ok(Self(Arc::new(Parts { trusted, resource: None, dpop: None })))
    }

    /// Trusts another provider too, by rules of its own. A token is verified by
    /// the keys and rules of the issuer that it names, and by no others.
    ///
    /// # Errors
    /// As [`new`](Self::new); when an issuer of this provider is trusted already.
    pub fn and(self, provider: Provider, rules: AccessTokenRules) -> Result<Self, ConfigError> {
        let is_trusted = |issuer: &Issuer| {
            self.0.trusted.iter().any(|known| known.provider.trusted(issuer.as_str()).is_some())
        };
        if let Some(twice) = provider.issuers().find(|issuer| is_trusted(issuer)) {
            return Err(ConfigError::DuplicateIssuer(twice.to_string()));
        }
        provider.config().check()?;
        let rules = rules.checked()?;
        Ok(self.change(|parts| parts.trusted.push(TrustedIssuer { provider, rules })))
    }

    /// Names the metadata of this resource in `WWW-Authenticate` (RFC 9728,
    /// section 5.1). A [`Resource`] in a request's extensions goes before it.
    #[must_use]
    pub fn with_resource(self, resource: Resource) -> Self {
        self.change(|parts| parts.resource = Some(resource))
    }

    /// Takes tokens that are bound to a key, with a DPoP proof of it (RFC 9449).
    /// Without this, bound tokens are refused, since the binding is not checked.
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
    /// function. Start anyway after a failure: requests try again.
    ///
    /// # Errors
    /// When the keys of one of the issuers are not available now.
    pub async fn warm(&self) -> Result<(), UnavailableError> {
        for TrustedIssuer { provider, rules } in &self.0.trusted {
            if rules.require_dpop && self.0.dpop.is_none() {
                let issuer = provider.issuer();
                tracing::error!(%issuer, "DPoP is required and not enabled: no token will pass (Verifier::with_dpop)");
            }
        }
        let mut loading = JoinSet::new();
        for TrustedIssuer { provider, .. } in &self.0.trusted {
            let provider = provider.clone();
            loading.spawn(async move { provider.warm().await });
        }
        loading.join_all().await.into_iter().collect()
    }

    /// What is cached of each issuer, and how its fetches went, for metrics.
    pub fn status(&self) -> impl Iterator<Item = (&Issuer, ProviderStatus)> {
        self.0
            .trusted
            .iter()
            .map(|TrustedIssuer { provider, .. }| (provider.issuer(), provider.status()))
    }

    /// Verifies a bearer token.
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the fact that it fails, or
    /// [`VerifyError::Unavailable`] when the keys to verify it are not available.
    pub async fn verify(&self, token: &str) -> Result<Verified<AccessClaims>, VerifyError> {
        self.verify_as(Scheme::Bearer, token.as_bytes()).await
    }

    /// The user of a session that carries these scopes itself. `id_claims` are those of an ID token
    /// that was verified when the user signed in; the caller vouches for that, and for the session
    /// to be active. The rules for the issuer's access tokens say who the user is and which clients
    /// are accepted.
    ///
    /// # Errors
    /// When the issuer is not trusted, the client is not allowed, or no claim names the owner.
    pub fn session_user(
        &self,
        id_claims: &Map<String, Value>,
        scopes: &[Scope],
    ) -> Result<SessionUser, TokenError> {
        let payload = serde_json::to_vec(id_claims).expect("JSON values become JSON");
        let not_json = TokenError::NotJson { part: TokenPart::Payload };
        let document = Object::parse(&payload).ok_or(not_json)?;
        let claims = Claims::new(&document);
        let trust = AccessTokenProfile { trusted: &self.0.trusted, scheme: Scheme::Bearer };
        let (at, _, issuer) = verified::find(&trust, claims.required_text("iss")?)?;
        let client = match (claims.text("azp")?, &claims.audience()?[..]) {
            (None, [client]) => Some(*client),
            (azp, _) => azp,
        };
        let rules = &trust.trusted[at].rules;
        rules.check_client(client)?;
        let user = User {
            issuer: issuer.clone(),
            subject: claims.required_text("sub")?.to_owned(),
            owner: rules.owner(&claims)?.to_owned(),
            client: client.map(str::to_owned),
        };
        Ok(SessionUser { user, scopes: scopes.to_vec() })
    }

    /// Verifies the token of a request: a bearer token, or one with its DPoP proof. A
    /// [`SessionUser`] has none.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub async fn authenticate(
        &self,
        request: &RequestHead<'_>,
    ) -> Result<Verified<AccessClaims>, AuthError> {
        let credentials = raw_credentials(request.headers)?;
        if credentials.scheme == Scheme::Dpop && self.0.dpop.is_none() {
            return Err(AuthError::DpopNotEnabled);
        }
        let claims = match self.verify_as(credentials.scheme, credentials.token).await {
            Ok(claims) => claims,
            Err(error) => {
                credentials.text()?;
                return Err(error.into());
            }
        };
        if let (Scheme::Dpop, Some(dpop)) = (credentials.scheme, &self.0.dpop) {
            let Some(Confirmation::Jkt(thumbprint)) = claims.confirmation() else {
                return Err(TokenError::NotBound.into());
            };
            dpop.check(request, credentials.token, thumbprint).await?;
        }
        Ok(claims)
    }

    /// Who makes this request, if they may: by its token, or, in a request without an
    /// `Authorization` header, by its [`SessionUser`].
    ///
    /// # Errors
    /// The complete response if they may not: [`AuthErrorResponse::into_response`].
    pub async fn authorize(
        &self,
        request: &RequestHead<'_>,
        policy: &Policy,
    ) -> Result<Caller, AuthErrorResponse> {
        let admitted = match request.stand_in() {
            Some(session) => policy.check_session(session).map_err(AuthError::from),
            None => match self.authenticate(request).await {
                Ok(claims) => policy.admit(claims).map_err(AuthError::from),
                Err(error) => Err(error),
            },
        };
        admitted.map_err(|error| {
            self.error_response(request, error).with_requested_scope(policy.requested_scope())
        })
    }

    /// The answer to this request when it is refused for this reason.
    pub fn error_response(&self, request: &RequestHead<'_>, error: AuthError) -> AuthErrorResponse {
        let resource = request.resource.or(self.0.resource.as_ref());
        AuthErrorResponse::new(request, error, resource, self.0.dpop.clone())
    }

    async fn verify_as(
        &self,
        scheme: Scheme,
        token: &[u8],
    ) -> Result<Verified<AccessClaims>, VerifyError> {
        let trust = AccessTokenProfile { trusted: &self.0.trusted, scheme };
        let (claims, payload) = verified::verify(&trust, token).await?;
        Ok(claims.map(|claims| claims.with_payload(payload)))
    }
}
