use std::{
    fmt::{self, Write as _},
    path::Path,
};

use anstyle::{AnsiColor, Style};
use url::Url;

use crate::provider::Provider;

/// What a person reads when everything is up.
pub(crate) struct Banner<'a> {
    pub(crate) url: &'a Url,
    pub(crate) environment: Option<&'a Path>,
    pub(crate) provider: &'a Provider,
    pub(crate) data: Option<&'a Path>,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const LINK: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan))).underline();

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.as_str().trim_end_matches('/');
        // The long lines first: what is read most stays next to the cursor.
        if let Provider::Development(idp) = self.provider
            && idp.has_machines()
        {
            daemon(f, idp, origin)?;
        }
        match self.environment {
            None => {
                let name = settings::PRODUCT;
                writeln!(f, "\n  {BOLD}{name}{BOLD:#} is ready at {LINK}{origin}{LINK:#}\n")?;
            }
            Some(file) => {
                writeln!(f, "\n  All but the functions is ready, for {LINK}{origin}{LINK:#}")?;
                writeln!(f, "  {DIM}what they must be told is in {}{DIM:#}\n", file.display())?;
            }
        }
        match self.provider {
            Provider::Development(idp) => development(f, idp)?,
            Provider::External { issuer } => external(f, issuer, origin)?,
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

fn development(f: &mut fmt::Formatter<'_>, idp: &idp::Idp) -> fmt::Result {
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
    )
}

fn daemon(f: &mut fmt::Formatter<'_>, idp: &idp::Idp, origin: &str) -> fmt::Result {
    writeln!(f, "\n  The API as a daemon calls it:\n\n{}\n", call(origin, &idp.daemon_token()))?;
    writeln!(f, "  That token lasts 75 minutes; a fresh one:\n\n{}", fresh_token(idp))
}

fn external(f: &mut fmt::Formatter<'_>, issuer: &str, origin: &str) -> fmt::Result {
    writeln!(f, "{}at {LINK}{issuer}{LINK:#}", Row("Sign in"))?;
    writeln!(f, "{}{DIM}which must know {origin}/callback{DIM:#}", Row(""))
}

/// One line to paste into a shell.
fn call(origin: &str, token: &str) -> String {
    format!("  curl {origin}/api/todos -H 'Authorization: Bearer {token}'")
}

fn fresh_token(idp: &idp::Idp) -> String {
    let daemon = idp.daemon();
    let mut line =
        format!("  TOKEN=$(curl -s {} -d grant_type=client_credentials", idp.token_endpoint());
    let (parameter, api) = idp.machine_request(&daemon);
    for (name, value) in [
        ("client_id", daemon.client_id),
        ("client_secret", &daemon.client_secret),
        (parameter, &api),
    ] {
        // Infallible: a String takes any text.
        let _ = write!(line, " -d {name}={value}");
    }
    line + r#" | sed -E 's/.*"access_token":"([^"]+)".*/\1/')"#
}
