use std::path::PathBuf;

use clap::Parser;
use url::Url;

/// What was asked for on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "doctor",
    version,
    about = "Checks a configuration or a deployment and says what to do",
    after_help = "Without a file the settings come from the environment.\n\
                  Exit code: 0 all good, 1 something was found, 2 could not run."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Arguments {
    /// Settings as KEY=VALUE, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "env")]
    pub env_file: Option<PathBuf>,
    /// An environment of samconfig.toml, such as dev
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Another file than samconfig.toml; it names the file that it includes from the current folder
    #[arg(long, value_name = "FILE", default_value = deploy_parameters::CONFIG_FILE)]
    pub config_file: PathBuf,
    /// The public address of a deployment
    #[arg(long, value_name = "URL", value_parser = origin)]
    pub url: Option<Url>,
    /// An access token to judge, from standard input: `--token -`
    #[arg(long, value_name = "-", value_parser = ["-"], conflicts_with = "token_file")]
    pub token: Option<String>,
    /// An access token to judge, from a file
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Also sends the client secret to the token endpoint, with a code that is wrong
    #[arg(long)]
    pub try_credential: bool,
    /// Also signs in for real, in your browser, with http://localhost:PORT/callback registered
    #[arg(long)]
    pub sign_in: bool,
    /// The port of --sign-in
    #[arg(long, value_name = "PORT", default_value_t = 3000, requires = "sign_in")]
    pub port: u16,
    /// Succeeds in spite of warnings
    #[arg(long)]
    pub allow_warnings: bool,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if bare && url.username().is_empty() && auth::is_safe_endpoint(&url) {
        return Ok(url);
    }
    Err("it must be an https origin (http for localhost only), such as https://todos.example.com"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_on_the_command_line_is_refused() {
        assert!(Arguments::try_parse_from(["doctor", "--token", "eyJ"]).is_err());
        assert!(Arguments::try_parse_from(["doctor", "--token", "-"]).is_ok());
    }

    #[test]
    fn the_address_is_an_origin() {
        for bad in ["http://todos.example.com", "https://todos.example.com/x", "todos"] {
            assert!(Arguments::try_parse_from(["doctor", "--url", bad]).is_err(), "{bad}");
        }
        assert!(Arguments::try_parse_from(["doctor", "--url", "https://a.example"]).is_ok());
    }
}
