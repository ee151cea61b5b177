use std::{fmt, path::Path};

use anstyle::{AnsiColor, Style};
use url::Url;

use crate::provider::Provider;

/// What a person reads when everything is up.
pub(crate) struct Banner<'a> {
    pub(crate) url: &'a Url,
    /// Where the gateway listens, unless the functions run elsewhere.
    pub(crate) port: Option<u16>,
    pub(crate) environment: Option<&'a Path>,
    pub(crate) provider: &'a Provider,
    pub(crate) data: Option<&'a Path>,
    /// Whether the examples run.
    pub(crate) examples: bool,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const LINK: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan))).underline();

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.as_str().trim_end_matches('/');
        match self.environment {
            None => {
                let name = settings::PRODUCT;
                writeln!(f, "\n  {BOLD}{name}{BOLD:#} is ready at {LINK}{origin}{LINK:#}\n")?;
                if let Some(port) = self.port.filter(|it| self.url.port() != Some(*it)) {
                    let row = Row("Listens");
                    writeln!(
                        f,
                        "{row}http://localhost:{port} {DIM}(PUBLIC_URL is for browsers){DIM:#}"
                    )?;
                }
            }
            Some(file) => {
                writeln!(f, "\n  All but the functions is ready, for {LINK}{origin}{LINK:#}")?;
                writeln!(f, "  {DIM}what they must be told is in {}{DIM:#}\n", file.display())?;
            }
        }
        match self.provider {
            Provider::Development(idp) => development(f, idp, origin)?,
            Provider::External { issuer } => external(f, issuer, origin)?,
        }
        if self.examples {
            let token = format!("$(cargo xtask token daemon --api orders{})", url_option(origin));
            let row = Row("Examples");
            writeln!(f, "{row}curl {origin}/api/orders-http -H \"Authorization: Bearer {token}\"")?;
            writeln!(
                f,
                "{}{DIM}also orders-rust and orders-node, without --api; see docs/your-api.md{DIM:#}",
                Row("")
            )?;
        }
        let row = Row("Data");
        match self.data {
            Some(folder) => {
                let folder = folder.display();
                writeln!(f, "{row}{folder} {DIM}(delete the folder to start afresh){DIM:#}\n")?;
            }
            None => writeln!(f, "{row}in memory {DIM}(all of it ends with this process){DIM:#}\n")?,
        }
        writeln!(f, "  {BOLD}Ctrl-C{BOLD:#} stops.\n")
    }
}

/// The word that a row starts with, or its continuation.
struct Row(&'static str);

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {DIM}{:<10}{DIM:#}", self.0)
    }
}

fn development(f: &mut fmt::Formatter<'_>, idp: &idp::Idp, origin: &str) -> fmt::Result {
    let mut word = "Sign in";
    for user in idp.demo_users() {
        let row = Row(std::mem::take(&mut word));
        let (name, username, password) = (user.name, user.username, user.password);
        writeln!(
            f,
            "{row}{BOLD}{username:<19}{BOLD:#} password {BOLD}{password}{BOLD:#}  {DIM}{name}{DIM:#}"
        )?;
    }
    writeln!(f, "{}or sign up with any address; no mail is sent", Row(""))?;
    let page = idp.control_page();
    let (row, next) = (Row("Provider"), Row(""));
    writeln!(f, "{row}{LINK}{page}{LINK:#}")?;
    writeln!(
        f,
        "{next}{DIM}users, applications, keys; faults and sign-outs on demand; for development only{DIM:#}"
    )?;
    // A tunnel's address is https, and the provider gives tokens to this machine alone.
    if !idp.has_machines() || origin.starts_with("https:") {
        return Ok(());
    }
    let (row, token) = (Row("API"), format!("$(cargo xtask token ada{})", url_option(origin)));
    writeln!(f, "{row}curl {origin}/api/todos -H \"Authorization: Bearer {token}\"")?;
    writeln!(f, "{next}{DIM}as ada; also grace, daemon or reader{DIM:#}")
}

/// What `cargo xtask token` must be told of an address that is not the usual one.
fn url_option(origin: &str) -> String {
    if origin == "http://localhost:3000" { String::new() } else { format!(" --url {origin}") }
}

fn external(f: &mut fmt::Formatter<'_>, issuer: &str, origin: &str) -> fmt::Result {
    writeln!(f, "{}at {LINK}{issuer}{LINK:#}", Row("Sign in"))?;
    writeln!(f, "{}{DIM}which must know {origin}/callback{DIM:#}", Row(""))
}
