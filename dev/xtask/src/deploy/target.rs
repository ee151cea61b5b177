//! Which deployment is meant.

use super::Shell;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use deploy_parameters::Configuration;
use std::path::PathBuf;

/// What both `deploy` and `destroy` need to know.
#[derive(clap::Args)]
pub(crate) struct Target {
    /// The environment of samconfig.toml
    #[arg(long, default_value = "dev")]
    pub(crate) env: String,
    /// Another file than samconfig.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config_file: Option<PathBuf>,
    /// Shows what would be done, changes nothing, and needs no credentials
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The Microsoft Entra External ID tenant to prepare: its id or a domain of it
    #[arg(long, value_name = "ID")]
    pub(crate) tenant: Option<String>,
}

impl Target {
    pub(crate) fn config_file(&self, workspace: &Workspace) -> Result<PathBuf> {
        let file = self.config_file.clone();
        let file = file.unwrap_or_else(|| workspace.root().join(deploy_parameters::CONFIG_FILE));
        // Commands run in the root, not where the user stands.
        std::path::absolute(file).context("cannot tell the current folder")
    }

    pub(crate) fn read(&self, workspace: &Workspace) -> Result<Configuration> {
        let file = self.config_file(workspace)?;
        Ok(Configuration::read(&file, &self.env, workspace.root())?)
    }

    /// The shell with the account and region of the environment.
    pub(crate) fn shell(&self, workspace: &Workspace, configuration: &Configuration) -> Shell {
        let mut shell = Shell::new(workspace.root(), self.dry_run);
        if let Some(region) = &configuration.region {
            shell.set("AWS_REGION", region);
            shell.set("AWS_DEFAULT_REGION", region);
        }
        if let Some(profile) = &configuration.profile {
            shell.set("AWS_PROFILE", profile);
        }
        shell
    }

    pub(crate) fn is_production(&self) -> bool {
        is_production(&self.env)
    }
}

fn is_production(environment: &str) -> bool {
    let name = environment.to_ascii_lowercase();
    name.starts_with("prod") || name.starts_with("live")
}

#[cfg(test)]
mod tests {
    use super::is_production;

    #[test]
    fn production_has_several_names() {
        for name in ["prod", "Prod", "PRODUCTION", "prod-eu", "live", "Live"] {
            assert!(is_production(name), "{name}");
        }
        assert!(!is_production("dev") && !is_production("staging"));
    }
}
