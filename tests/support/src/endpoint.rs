/// One of the provider's endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `{issuer}/.well-known/openid-configuration`
    Discovery,
    /// `jwks_uri`
    Keys,
    /// `token_endpoint`
    Token,
    /// `revocation_endpoint`
    Revocation,
    /// `userinfo_endpoint`
    Userinfo,
    /// `pushed_authorization_request_endpoint`
    PushedAuthorization,
    /// Every other path: AWS STS for a form with an `Action`, otherwise 404, unless scripted.
    Elsewhere,
}

impl Endpoint {
    pub(crate) const NAMED: [(Self, &'static str); 6] = [
        (Self::Discovery, "/.well-known/openid-configuration"),
        (Self::Keys, "/keys"),
        (Self::Token, "/token"),
        (Self::Revocation, "/revoke"),
        (Self::Userinfo, "/userinfo"),
        (Self::PushedAuthorization, "/par"),
    ];

    /// Which endpoint answers under this path; the issuer's own path comes first in it.
    pub(crate) fn of(path: &str) -> Self {
        let named = Self::NAMED.iter().find(|(_, end)| path.ends_with(end));
        named.map_or(Self::Elsewhere, |(endpoint, _)| *endpoint)
    }
}
