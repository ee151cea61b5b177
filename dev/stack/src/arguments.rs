use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
};

use clap::Parser;
use settings::Profile;
use url::Url;

/// The folder that data is kept in, unless `--data` says otherwise.
const FOLDER: &str = ".tollgate";

/// Runs everything on this machine: the functions, a DynamoDB and an
/// OpenID provider to sign in at, in one process.
///
/// With OIDC_ISSUER set, users sign in at that provider instead; then
/// OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_SCOPES and API_AUDIENCE are needed,
/// too.
#[derive(Debug, Parser)]
#[command(name = "stack", version, bin_name = "cargo run --")]
#[expect(clippy::doc_markdown, reason = "the texts are help on a terminal, not Markdown")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Arguments {
    /// Port of the web app; the provider gets the next one. 0 takes free ports.
    #[arg(long, value_name = "N", default_value_t = 3000, value_parser = clap::value_parser!(u16).range(..=65534))]
    pub(crate) port: u16,

    /// Keep nothing: users, sessions and todos end with the process.
    #[arg(long, conflicts_with = "data")]
    memory: bool,

    /// Folder to keep data in [default: .tollgate in the workspace]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Let the provider take only requests that were pushed to it (RFC 9126).
    #[arg(long)]
    pub(crate) require_par: bool,

    /// Let the development provider behave like this one, and tell the functions so.
    #[arg(long, value_name = "PROFILE", default_value = "entra-external-id", value_parser = <&Profile>::from_str, overrides_with = "provider_like")]
    pub(crate) provider_like: &'static Profile,

    /// Let pages of these origins, separated by commas, call the API with bearer tokens: the
    /// template's parameter CorsOrigins.
    #[arg(long, value_name = "ORIGINS", conflicts_with = "around")]
    pub(crate) cors_origins: Option<String>,

    /// Serve the page as it is deployed, in a bundle, instead of the modules in functions/web/assets,
    /// where an edit needs no build.
    #[arg(long, conflicts_with = "page")]
    pub(crate) bundled_page: bool,

    /// Serve the page of this folder instead, such as the build of another front end.
    #[arg(long, value_name = "DIR", value_parser = page_folder)]
    pub(crate) page: Option<String>,

    /// Also start the examples of docs/your-api.md, three APIs behind the gate, and serve their page.
    /// It needs Node.js.
    #[arg(long)]
    pub(crate) examples: bool,

    /// Open the web app in a browser.
    #[arg(long)]
    pub(crate) open: bool,

    /// Start only what surrounds the functions, which run elsewhere and are reached at this
    /// address; --environment says to them where all is.
    #[arg(long, value_name = "URL", requires = "environment")]
    pub(crate) around: Option<Url>,

    /// Write the functions' variables to a file of NAME=value lines.
    #[arg(long, value_name = "FILE", requires = "around")]
    pub(crate) environment: Option<PathBuf>,

    /// Write addresses and credentials to a JSON file once all is up.
    #[arg(long, value_name = "FILE")]
    pub(crate) details: Option<PathBuf>,
}

impl Arguments {
    /// Where to keep data; `None` for memory.
    pub(crate) fn data_folder(&self) -> Option<PathBuf> {
        if self.memory {
            return None;
        }
        Some(self.data.clone().unwrap_or_else(|| base().join(FOLDER)))
    }
}

fn page_folder(folder: &str) -> Result<String, &'static str> {
    let has_page = Path::new(folder).join("index.html").is_file();
    has_page.then(|| folder.to_owned()).ok_or("it has no index.html")
}

/// The workspace when `cargo run` started us, else the working directory.
fn base() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let workspace = manifest
        .as_deref()
        .filter(|folder| folder.ends_with("dev/stack"))
        .and_then(|folder| folder.ancestors().nth(2))
        .map(Path::to_owned);
    workspace.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once(&"stack").chain(arguments))
    }

    #[test]
    fn without_arguments_it_is_port_3000_and_data_in_the_workspace() {
        let arguments = parse(&[]).unwrap();
        assert_eq!(arguments.port, 3000);
        let folder = arguments.data_folder().unwrap();
        assert!(folder.ends_with(".tollgate"));
        assert!(folder.parent().unwrap().join("template.yaml").exists());
    }

    #[test]
    fn memory_and_a_folder_exclude_each_other() {
        assert_eq!(parse(&["--memory"]).unwrap().data_folder(), None);
        let folder = parse(&["--data", "x"]).unwrap().data_folder();
        assert_eq!(folder.as_deref(), Some(Path::new("x")));
        assert!(parse(&["--memory", "--data", "x"]).is_err());
    }

    #[test]
    fn functions_that_run_elsewhere_need_to_be_told_where_all_is() {
        assert!(parse(&["--around", "http://localhost:9000"]).is_err());
        assert!(parse(&["--environment", "x"]).is_err());
        assert!(parse(&["--around", "localhost"]).is_err());
        let both = ["--around", "http://localhost:9000", "--environment", "x"];
        assert!(parse(&both).is_ok());
    }

    #[test]
    fn a_folder_without_a_page_is_refused() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/web/assets");
        assert_eq!(parse(&["--page", folder]).unwrap().page.as_deref(), Some(folder));
        assert!(parse(&["--page", env!("CARGO_MANIFEST_DIR")]).is_err());
        assert!(parse(&["--page", folder, "--bundled-page"]).is_err());
    }

    #[test]
    fn a_port_that_leaves_none_for_the_provider_is_refused() {
        assert!(parse(&["--port", "65534"]).is_ok());
        assert!(parse(&["--port", "65535"]).is_err());
    }
}
