use auth::{AccessClaims, Caller, SessionUser, Verified};
use session::Token;

/// A request that may go on.
#[derive(Debug, Clone)]
pub enum Admitted {
    /// The route's policy is `anonymous`. Who called is unknown, and was not asked.
    Anonymous,
    /// The route's policy is met.
    Caller(AdmittedCaller),
}

/// A caller who may use the route.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AdmittedCaller {
    /// Who calls.
    pub caller: Caller,
    /// All scopes of the token, or those that the session carries itself.
    pub scopes: Vec<String>,
    /// All roles of the token.
    pub roles: Vec<String>,
    /// The token that was verified: the caller's own, or the session's. None for a session that
    /// carries its scopes itself.
    pub access_token: Option<Token>,
}

impl AdmittedCaller {
    pub(crate) fn by_token(
        caller: Caller,
        claims: &Verified<AccessClaims>,
        access_token: Token,
    ) -> Self {
        let owned = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect();
        Self {
            caller,
            scopes: owned(&mut claims.scopes()),
            roles: owned(&mut claims.roles()),
            access_token: Some(access_token),
        }
    }

    pub(crate) fn by_session(caller: Caller, session: &SessionUser) -> Self {
        let scopes = session.scopes().iter().map(ToString::to_string).collect();
        Self { caller, scopes, roles: Vec::new(), access_token: None }
    }
}
