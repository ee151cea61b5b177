//! `cargo xtask emulator`: an emulator of AWS to practise a deployment on.

use crate::{
    programs,
    tier::cloud::{Site, write_config},
    workspace::Workspace,
};
use anyhow::{Context as _, Result};
use std::{process::ExitCode, thread, time::Duration};

/// The environment in the file that it writes, and its stack.
const ENVIRONMENT: &str = "practice";

/// Starts the emulator and a provider, says how to deploy there, and keeps both until it is ended.
///
/// # Errors
/// When one of them does not come up, or ends.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    programs::build_only(workspace, ["stack"])?;
    let traces = workspace.traces("emulator")?;
    let mut site = Site::start(workspace, ENVIRONMENT, &[], &traces, &[])?;
    let config = write_config(&traces, ENVIRONMENT, &site.parameters)?;
    let secret = traces.join("client-secret");
    private_file::write(&secret, site.secret.as_bytes())?;
    let variables: Vec<_> =
        site.emulator.environment().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let variables_file = traces.join("aws.env");
    // A profile of yours would go before the keys.
    let text = format!(
        "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN\nexport {}\n",
        variables.join(" ")
    );
    private_file::write(&variables_file, text.as_bytes())
        .with_context(|| format!("cannot write {}", variables_file.display()))?;
    println!(
        "\nThe emulator is ready, with an empty account. In another terminal:\n\n\
         . {}\n\
         cargo xtask deploy --env {ENVIRONMENT} --config-file {config} --secret-file {}\n\
         cargo xtask destroy --env {ENVIRONMENT} --config-file {config}\n\n\
         The deployment will be at http://localhost:{}. Press Ctrl+C to end the emulator and all \
         that is in it.",
        variables_file.display(),
        secret.display(),
        site.port,
        config = config.display(),
    );
    loop {
        thread::sleep(Duration::from_secs(1));
        site.provider.must_live()?;
        site.emulator.must_live()?;
    }
}
