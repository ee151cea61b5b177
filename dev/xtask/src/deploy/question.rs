//! Questions asked on the terminal.

use anyhow::{Context, Result, bail, ensure};
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// Whether anybody can answer.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks for a name to be typed, so that a habit cannot say yes.
pub(crate) fn name(what: &str, name: &str, option: &str) -> Result<()> {
    ensure!(can_ask(), "{what} needs {option}: there is no terminal to ask at");
    print!("{what}: type {name} to go on: ");
    io::stdout().flush().context("cannot write to the terminal")?;
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed).context("cannot read from the terminal")?;
    ensure!(typed.trim() == name, "not confirmed, nothing was changed");
    Ok(())
}

/// Asks for a secret without showing it.
pub(crate) fn secret(what: &str) -> Result<String> {
    if !can_ask() {
        bail!(
            "{what} is needed, and there is no terminal to ask at: give --secret-file FILE or `--secret-file -`"
        );
    }
    let typed = rpassword::prompt_password(format!("{what} (not shown): "));
    let typed = typed.context("cannot read from the terminal")?;
    ensure!(!typed.is_empty(), "no secret was entered");
    Ok(typed)
}
