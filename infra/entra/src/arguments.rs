use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use url::{Host, Url};

use crate::{Name, Origin, SecretArn, origin, tenant::Tenant};

/// The public client that Microsoft Graph's own command-line tools sign in with.
const GRAPH_COMMAND_LINE_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

/// What was asked for on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "entra",
    version,
    about = "Prepares a Microsoft Entra External ID tenant",
    after_help = "Signs in by device code, or takes the access token for Microsoft Graph in GRAPH_TOKEN."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows what `apply` would create, change and leave alone
    Plan(SetupArguments),
    /// Creates and changes what is missing or differs, and nothing else
    Apply(Apply),
    /// Removes what `apply` made under this name, and nothing else
    Remove(Remove),
}

/// Where, and under which name.
#[derive(Debug, Args)]
pub struct TenantArguments {
    /// The tenant: its id, or a domain such as contoso.onmicrosoft.com
    #[arg(long, value_name = "ID")]
    pub tenant: Tenant,
    /// What the deployment is called; marks what is made
    #[arg(long, default_value = settings::PRODUCT)]
    pub name: Name,
    /// The public client to sign in with
    #[arg(long, value_name = "ID", default_value = GRAPH_COMMAND_LINE_TOOLS)]
    pub client_id: String,
}

/// How the tenant should be.
#[derive(Debug, Args)]
pub struct SetupArguments {
    /// Where and under which name.
    #[command(flatten)]
    pub tenant: TenantArguments,
    /// The origin that browsers see, https://…; without it, the addresses stay as they are
    #[arg(long, value_name = "URL", value_parser = origin::public)]
    pub public_url: Option<Origin>,
    /// One more origin to sign in from, such as <http://localhost:3000>; may be repeated
    #[arg(long, value_name = "URL", requires = "public_url")]
    pub also_url: Vec<Origin>,
    /// The API's address in its metadata (`ApiResource`), if it isn't --public-url and /api there
    #[arg(long, value_name = "URL")]
    pub resource: Option<Url>,
    /// Also a client for programs that act for themselves
    #[arg(long)]
    pub daemon: bool,
    /// New certificates, even where one of ours is still valid
    #[arg(long)]
    pub new_credential: bool,
    /// No certificate for the web app, which proves itself otherwise (`ClientAuth`)
    #[arg(long)]
    pub no_web_certificate: bool,
}

/// `apply`.
#[derive(Debug, Args)]
pub struct Apply {
    /// How the tenant should be.
    #[command(flatten)]
    pub setup: SetupArguments,
    /// Does not ask before it begins
    #[arg(long)]
    pub yes: bool,
    /// The tenant's custom URL domain, such as login.example.com; by default NAME.ciamlogin.com
    #[arg(long, value_name = "HOST", value_parser = Host::parse)]
    pub domain: Option<Host>,
    /// Where to write the deploy parameters: the file that samconfig.toml includes
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// The full ARN of the secret with the web app's key in AWS Secrets Manager, to name it among
    /// the parameters
    #[arg(long, value_name = "ARN")]
    pub secret_arn: Option<SecretArn>,
    /// The folder for files with new private keys, one each, for their owner alone
    #[arg(long, value_name = "FOLDER", default_value = ".tollgate/entra")]
    pub secrets: PathBuf,
}

/// `remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// Where and under which name.
    #[command(flatten)]
    pub tenant: TenantArguments,
    /// Does not ask before it begins
    #[arg(long)]
    pub yes: bool,
}
