//! What the suite is told about the system it tests.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::{env, fmt, fs};
use url::Url;

/// The description that `TOLLGATE_TARGET` names. README.md shows one.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target {
    /// The origin of the web app and the API, as browsers see it.
    pub(crate) url: Url,
    /// Without it, the tests that need no credentials run.
    #[serde(default)]
    pub(crate) provider: Provider,
    /// How strongly one must have signed in to end another session, where that
    /// is asked for and the provider can do it (`SESSION_STEP_UP_ACR`).
    #[serde(default)]
    pub(crate) step_up_acr: Option<String>,
    /// An origin on this machine whose pages may call the API with bearer tokens (`CorsOrigins`). The
    /// suite serves such a page there.
    #[serde(default)]
    pub(crate) cors_origin: Option<Url>,
    /// Whether another front end is in place of our page: with examples, theirs.
    #[serde(default)]
    pub(crate) other_page: bool,
    /// The examples of docs/your-api.md that it runs: `orders-node` at `/api/orders-node`.
    #[serde(default)]
    pub(crate) examples: Vec<String>,
    /// Whether what stands in front takes bytes that are no UTF-8 for a mistake of its own.
    #[serde(default)]
    pub(crate) text_only: bool,
    /// Whether what stands in front routes otherwise than an HTTP API.
    #[serde(default)]
    pub(crate) own_routing: bool,
}

/// The provider that signs its users in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Provider {
    pub(crate) kind: Option<Kind>,
    /// If absent, what the target says of itself (RFC 9728).
    pub(crate) issuer: String,
    pub(crate) token_endpoint: Option<Url>,
    /// People who have an account.
    pub(crate) users: Vec<User>,
    /// A machine that may read and write.
    pub(crate) daemon: Option<Machine>,
    /// A machine that may only read.
    pub(crate) reader: Option<Machine>,
    /// The same with a token of the further API of the examples.
    pub(crate) orders: Option<Machine>,
    /// The page that makes things happen to users, as `dev/idp` has one.
    pub(crate) control: Option<Url>,
    /// A machine whose tokens are for another API.
    pub(crate) elsewhere: Option<Machine>,
}

/// Whose pages they are, and how this provider's tokens are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Entra External ID, as `dev/idp` plays it.
    Entra,
    /// The npm package oidc-provider with its built-in pages.
    OidcProvider,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) name: String,
}

/// A client that gets its tokens by itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Machine {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) scope: String,
    #[serde(default)]
    pub(crate) resource: Option<String>,
}

/// What not every target can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    /// People can sign in, in a browser: the provider's pages and some users are known.
    SignIn,
    /// Machines have credentials.
    Machines,
    /// People can make an account while they sign in.
    SignUp,
    /// Machines get app roles, and with them everybody's todos.
    AppRoles,
    /// Machines are users of their own todos.
    MachinesAreUsers,
    /// There is a token for another API to be had.
    Elsewhere,
    /// Some routes ask for a stronger sign-in.
    StepUp,
    /// The provider does on demand what providers seldom do.
    Control,
    /// Pages of another origin may call the API.
    CrossOrigin,
    /// The examples of docs/your-api.md run there.
    Examples,
    /// Their page is in place of ours.
    OrdersPage,
    /// Requests can be written byte by byte: no TLS in between.
    PlainHttp,
    /// What stands in front hands over bytes that are no text, or refuses them.
    Bytes,
    /// It passes a cookie on as often as the browser sends it. `sam local` keeps one of each name.
    RepeatedCookies,
}

impl Target {
    /// Reads the description.
    ///
    /// # Errors
    /// When `TOLLGATE_TARGET` names none, or one that is not understood.
    pub(crate) fn from_environment() -> Result<Self> {
        let path = env::var_os("TOLLGATE_TARGET").context(
            "TOLLGATE_TARGET must name the JSON file that describes what to test, such as \
             `cargo run -- --details FILE` writes; tests/README.md says more",
        )?;
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not understood", path.display()))
    }

    /// The origin without a slash at its end.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether the target can do it.
    pub(crate) fn can(&self, capability: Capability) -> bool {
        match capability {
            Capability::SignIn => self.provider.kind.is_some(),
            Capability::Machines => self.provider.daemon.is_some(),
            Capability::SignUp | Capability::AppRoles => self.provider.kind == Some(Kind::Entra),
            Capability::MachinesAreUsers => self.provider.kind == Some(Kind::OidcProvider),
            Capability::Elsewhere => self.provider.elsewhere.is_some(),
            Capability::StepUp => self.step_up_acr.is_some(),
            Capability::Control => self.provider.control.is_some(),
            Capability::CrossOrigin => self.cors_origin.is_some(),
            Capability::Examples => !self.examples.is_empty(),
            Capability::OrdersPage => self.other_page && !self.examples.is_empty(),
            Capability::PlainHttp => self.url.scheme() == "http",
            Capability::RepeatedCookies => !self.own_routing,
            Capability::Bytes => self.url.scheme() == "http" && !self.text_only,
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignIn => "the target does not say how to sign in at its provider",
            Self::Machines => "the target names no client with credentials",
            Self::SignUp => "people cannot sign up at this provider",
            Self::AppRoles => "this provider gives machines no app roles",
            Self::MachinesAreUsers => "machines of this provider act by app roles",
            Self::Elsewhere => "there is no token for another API to be had",
            Self::StepUp => "no route of this target asks for a stronger sign-in",
            Self::Control => "this provider has no control page",
            Self::CrossOrigin => "the target names no other origin that may call the API",
            Self::Examples => "the target runs no examples",
            Self::OrdersPage => "the page is not that of the examples",
            Self::PlainHttp => "the target is behind TLS",
            Self::RepeatedCookies => "what stands in front keeps one cookie of each name",
            Self::Bytes => "what stands in front of the target takes UTF-8 only, or TLS",
        })
    }
}

/// A test that meets it is left out.
impl std::error::Error for Capability {}

#[cfg(test)]
mod tests {
    use super::{Capability, Kind, Target};

    #[test]
    fn what_the_stack_writes_is_a_target() {
        let target: Target = serde_json::from_str(
            r#"{"url":"http://localhost:3000","provider":{"kind":"entra","issuer":"http://localhost:3001/t/v2.0",
            "token_endpoint":"http://localhost:3001/t/oauth2/v2.0/token",
            "control":"http://localhost:3001/dev",
            "users":[{"username":"ada@example.com","password":"p","name":"Ada"}],
            "daemon":{"client_id":"d","client_secret":"s","scope":"api://a/.default"},
            "reader":{"client_id":"r","client_secret":"s","scope":"api://a/.default"}}}"#,
        )
        .unwrap();
        assert_eq!(target.origin(), "http://localhost:3000");
        assert_eq!(target.provider.kind, Some(Kind::Entra));
        assert!(target.can(Capability::Control));
        assert!(target.can(Capability::SignUp) && !target.can(Capability::Elsewhere));
    }

    #[test]
    fn an_address_is_a_target_without_credentials() {
        let target: Target = serde_json::from_str(r#"{"url":"https://todo.example.com"}"#).unwrap();
        for missing in [Capability::SignIn, Capability::Machines, Capability::Control] {
            assert!(!target.can(missing), "{missing}");
        }
    }
}
