use std::{io, path::PathBuf};

use settings::SettingError;

use crate::permission::Permission;

/// Why it did not come to an end. Never holds a token or a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An environment variable is wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The sign-in by device code failed.
    #[error("could not sign in: {0}")]
    SignIn(String),
    /// The token is of another tenant.
    #[error("the token is for the tenant {found}, not for {asked}")]
    OtherTenant {
        /// `--tenant`.
        asked: String,
        /// The id of the token's.
        found: String,
    },
    /// A workforce tenant has no user flows of this kind, or a host is not the tenant's.
    #[error(
        "{url} is not the metadata of an external tenant: {reason}. Create one in the Entra admin center, or correct --domain"
    )]
    NotExternal {
        /// Where the metadata would be.
        url: String,
        /// What is there.
        reason: String,
    },
    /// Graph does not accept the token.
    #[error(
        "Microsoft Graph does not accept the token ({code}): sign in again, or renew GRAPH_TOKEN"
    )]
    Token {
        /// Graph's code.
        code: String,
    },
    /// 403.
    #[error(
        "Microsoft Graph refuses to {what} ({code}): the token needs the permission {}, and the user who signed in needs the role {}",
        .needs.scope, .needs.role
    )]
    Refused {
        /// What was tried.
        what: String,
        /// Graph's code.
        code: String,
        /// What it takes.
        needs: &'static Permission,
    },
    /// Graph said no for another reason, or too often.
    #[error("could not {what}: Microsoft Graph answers {status} {code}: {message}")]
    Graph {
        /// What was tried.
        what: String,
        /// The HTTP status.
        status: u16,
        /// Graph's code.
        code: String,
        /// Graph's words.
        message: String,
    },
    /// No answer, and nothing was done.
    #[error("could not {what}: no answer from Microsoft Graph: {reason}")]
    Unreachable {
        /// What was tried.
        what: String,
        /// What the connection says.
        reason: String,
    },
    /// A request that must not be sent twice may have arrived.
    #[error(
        "could not {what} for certain ({reason}): wait a minute and run this again, it finds what was made"
    )]
    Unclear {
        /// What was tried.
        what: String,
        /// What came back.
        reason: String,
    },
    /// An answer that is not what the documentation says.
    #[error("could not read the answer about {what}: {reason}")]
    Unreadable {
        /// What it was about.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Two of a kind bear our mark.
    #[error(
        "two registrations are marked as the {part} of {mark}: {first} and {second}; delete the wrong one by hand"
    )]
    Ambiguous {
        /// Which part.
        part: &'static str,
        /// Our mark.
        mark: String,
        /// The application's client id.
        first: String,
        /// The other one's.
        second: String,
    },
    /// A user flow of our name that we did not make.
    #[error(
        "there is a user flow called {0:?} that this program did not make; rename it, or take another --name"
    )]
    FlowNameTaken(String),
    /// Not confirmed.
    #[error("nothing was done")]
    Declined,
    /// What was applied does not show.
    #[error(
        "applied, but Microsoft Graph still shows something else; run `plan` in a few minutes. Still to do:\n{0}"
    )]
    Unsettled(String),
    /// The file with the generated parameters.
    #[error(transparent)]
    Parameters(#[from] deploy_parameters::ConfigurationError),
    /// A file cannot be written.
    #[error("cannot write {path}: {reason}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
}
