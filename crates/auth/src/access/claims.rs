//! What an access token says.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value};

use crate::{
    App, Caller, Issuer, Role, Scope, TokenError, User,
    access::permissions::Permissions,
    token::{
        claims::Claims,
        json::{Json, Object},
    },
    verified::DecodedToken,
};

/// The claims of an access token (RFC 9068, and Entra's version 2).
#[derive(Clone, PartialEq)]
pub struct AccessClaims {
    issuer: Issuer,
    subject: String,
    object_id: Option<String>,
    client: Option<String>,
    /// Of a user's token alone.
    owner: Option<String>,
    expires: f64,
    /// With single spaces between them.
    scopes: String,
    roles: Vec<String>,
    confirmation: Option<Confirmation>,
    payload: Vec<u8>,
}

/// `cnf`: the key whose holder alone may use the token (RFC 7800).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// `jkt` and nothing else: the thumbprint of a DPoP key (RFC 9449, section 6.1).
    Jkt(Box<str>),
    /// What cannot be checked here: a certificate, a key by name, several at once.
    Other,
}

impl AccessClaims {
    pub(crate) fn of(
        token: &DecodedToken<'_>,
        client: Option<&str>,
        granted: Permissions<'_>,
        owner: Option<&str>,
    ) -> Result<Self, TokenError> {
        let claims = &token.claims;
        Ok(Self {
            issuer: token.issuer.clone(),
            subject: claims.required_text("sub")?.into(),
            object_id: claims.text("oid")?.map(Into::into),
            client: client.map(Into::into),
            owner: owner.map(Into::into),
            expires: claims.expires()?,
            scopes: granted.scopes.unwrap_or_default().into_owned(),
            roles: granted.roles.unwrap_or_default(),
            confirmation: Confirmation::of(claims),
            payload: Vec::new(),
        })
    }

    pub(crate) fn with_payload(self, payload: Vec<u8>) -> Self {
        Self { payload, ..self }
    }

    /// `iss`.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `oid`.
    pub fn object_id(&self) -> Option<&str> {
        self.object_id.as_deref()
    }

    /// The client that the token was issued to
    /// ([`AccessTokenRules::client_claims`](crate::AccessTokenRules::client_claims)).
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// `exp`. The token is taken for the leeway longer.
    pub fn expires(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs_f64(self.expires)
    }

    /// Whether an application got this token for itself, without a user:
    /// `idtyp` is `app`; or there is no `idtyp`, and it is an application's by the
    /// [rules](crate::AccessTokenRules::applications_by_roles).
    pub fn is_app_only(&self) -> bool {
        self.owner.is_none()
    }

    /// Whether `scp` or `scope` has this value. For decisions use
    /// [`Policy`](crate::Policy), which knows when scopes count.
    pub fn has_scope(&self, scope: &Scope) -> bool {
        // Bytes are quicker to split than text.
        let mut names = self.scopes.as_bytes().split(|byte| *byte == b' ');
        names.any(|name| name == scope.as_str().as_bytes())
    }

    /// Whether `roles` has this value. For decisions use
    /// [`Policy`](crate::Policy), which knows when roles count.
    pub fn has_role(&self, role: &Role) -> bool {
        self.roles().any(|name| name == role.as_str())
    }

    /// The values of `scp` or `scope`.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.split(' ').filter(|name| !name.is_empty())
    }

    /// The values of `roles`.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(String::as_str)
    }

    /// Who has this token. Whether they may is for a policy to say.
    pub(crate) fn into_caller(self) -> Caller {
        let Self { issuer, subject, owner, client, .. } = self;
        match owner {
            None => Caller::App(App { issuer, subject, client }),
            Some(owner) => Caller::User(User { issuer, subject, owner, client }),
        }
    }

    pub(crate) fn confirmation(&self) -> Option<&Confirmation> {
        self.confirmation.as_ref()
    }

    /// All claims. They are parsed on each call, since most callers never ask.
    ///
    /// # Panics
    /// Never: the payload was parsed before.
    pub fn document(&self) -> Map<String, Value> {
        Json::parse(&self.payload)
            .as_ref()
            .and_then(Json::object)
            .map(Object::to_map)
            .expect("the same parser took it for a JSON object before")
    }
}

/// Without what is personal.
impl fmt::Debug for AccessClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessClaims")
            .field("issuer", &self.issuer)
            .field("client", &self.client)
            .field("app_only", &self.is_app_only())
            .field("scopes", &self.scopes)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

impl Confirmation {
    fn of(claims: &Claims<'_>) -> Option<Self> {
        let confirmation = claims.value("cnf")?;
        let jkt = confirmation.object().filter(|cnf| cnf.len() == 1).and_then(|cnf| cnf.get("jkt"));
        Some(match jkt.and_then(Json::text) {
            Some(thumbprint) => Self::Jkt(thumbprint.into()),
            None => Self::Other,
        })
    }
}
