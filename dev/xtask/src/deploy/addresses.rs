//! The provider: an Entra tenant by infra/entra, any other by its own console.

use super::{Outcome, Run, Stack, member};
use anyhow::{Result, ensure};
use std::process::Command;

/// Registers the web app and the API in the tenant, so that the deployment has a client id.
pub(super) fn prepare(run: &mut Run<'_>) -> Result<Outcome> {
    let Some(tenant) = run.tenant().map(ToOwned::to_owned) else {
        ensure!(!run.arguments.new_credential, "--new-credential needs --tenant");
        return Ok(Outcome::Skipped(
            "no --tenant: samconfig.toml describes the provider".to_owned(),
        ));
    };
    let mut addresses = run.find_stack()?.map(addresses).unwrap_or_default();
    // A new address is registered before browsers are sent there.
    if let Some(new) = public_address(run).filter(|it| !addresses.contains(it)) {
        addresses.insert(0, new);
    }
    let mut entra = entra(run, &tenant, &addresses);
    // One that waits to be stored is from a run that failed.
    if run.arguments.new_credential && run.entra_key().is_none() {
        entra.arg("--new-credential");
    }
    run.shell.attend(&mut entra)?;
    run.reload()?;
    Ok(Outcome::Done(format!("the tenant {tenant}")))
}

/// Registers the addresses of the deployment, which are known only now.
pub(super) fn register(run: &mut Run<'_>) -> Result<Outcome> {
    let tenant = run.tenant().map(ToOwned::to_owned);
    // In a dry run there is no stack to ask.
    let (addresses, outputs) = match &run.stack {
        Some(stack) => (addresses(stack), to_register(stack)),
        None => (vec!["https://…".to_owned()], Vec::new()),
    };
    let Some(tenant) = tenant else {
        println!("  The provider must know these addresses of the web app:");
        for (name, value) in outputs {
            println!("  {name:<22} {value}");
        }
        return Ok(Outcome::Skipped(
            "no --tenant: register them at your provider (docs/providers.md)".to_owned(),
        ));
    };
    let mut entra = entra(run, &tenant, &addresses);
    run.shell.attend(&mut entra)?;
    Ok(Outcome::Done(format!("registered: {}", addresses.join(", "))))
}

fn entra(run: &Run<'_>, tenant: &str, addresses: &[String]) -> Command {
    let mut entra = member(&run.shell, "entra");
    entra.args(["apply", "--tenant", tenant, "--name", &run.configuration.stack_name]);
    entra.arg("--parameters").arg(run.relative(&run.configuration.generated));
    entra.arg("--secrets").arg(run.entra_folder());
    for (at, address) in addresses.iter().enumerate() {
        entra.args([if at == 0 { "--public-url" } else { "--also-url" }, address]);
    }
    // The tenant's custom URL domain, if people decide on its metadata.
    let metadata = run.configuration.get("MetadataUrl").filter(|it| it.is_decided);
    if let Some(host) = metadata.and_then(|it| it.value.split('/').nth(2)) {
        entra.args(["--domain", host]);
    }
    if let Some(resource) = run.value("ApiResource") {
        entra.args(["--resource", resource]);
    }
    // A key that nothing uses would still open the web app.
    if run.value("ClientAuth").is_some_and(|it| it != "private_key_jwt") {
        entra.arg("--no-web-certificate");
    }
    if run.arguments.yes {
        entra.arg("--yes");
    }
    entra
}

/// The public origin, if people have decided it.
fn public_address(run: &Run<'_>) -> Option<String> {
    let domain = || run.value("DomainName").map(|name| format!("https://{name}"));
    run.value("PublicUrl").map(ToOwned::to_owned).or_else(domain)
}

/// The origins under which browsers reach the stack. With a domain, the API's own address stays
/// registered as long as it answers.
fn addresses(stack: &Stack) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in ["Url", "ApiUrl"] {
        let address = stack.output(name).to_owned();
        if !address.is_empty() && !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

fn to_register(stack: &Stack) -> Vec<(String, String)> {
    let outputs = stack.outputs.iter().filter(|(name, _)| name.ends_with("Uri"));
    outputs.map(|(name, value)| (name.clone(), value.clone())).collect()
}
