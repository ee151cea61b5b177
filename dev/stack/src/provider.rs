use std::{collections::BTreeMap, path::Path};

use idp::Idp;
use local_aws::Template;
use settings::Environment;
use url::Url;

use crate::{arguments::Arguments, failure::Failure};

/// The provider's file in the data folder.
const FILE: &str = "provider.json";

/// What the settings begin with that name a provider, its API or a deployment: what a shell has left
/// of another one would only contradict our own provider.
const NAMES_A_PROVIDER: [&str; 4] = ["OIDC_", "API_", "TODOS_", "KEYS_"];

/// The exception: a leeway fits any provider.
const LEEWAY: &str = "OIDC_LEEWAY_SECONDS";

/// Whom users sign in at.
pub(crate) enum Provider {
    /// The development provider, in this process.
    Development(Idp),
    /// The one that `OIDC_ISSUER` names.
    External {
        /// Its issuer.
        issuer: String,
    },
}

impl Provider {
    /// The provider that the environment names.
    pub(crate) fn external(environment: &Environment) -> Option<Self> {
        let issuer = environment.text("OIDC_ISSUER")?.to_owned();
        Some(Self::External { issuer })
    }

    /// The settings that name this provider, over those of the process, over the defaults of the
    /// template's parameters.
    pub(crate) fn settings(
        &self,
        process: &Environment,
        template: &Template,
    ) -> Result<Environment, Failure> {
        let mut settings = Environment::default();
        for (name, value) in template.environments(&BTreeMap::new())?.into_values().flatten() {
            settings = settings.with(name, value);
        }
        for (name, value) in process.iter().filter(|(name, _)| self.keeps(name)) {
            settings = settings.with(name, value);
        }
        let Self::Development(idp) = self else { return Ok(settings) };
        let of_provider = idp.settings().into_iter();
        Ok(of_provider.fold(settings, |settings, (name, value)| settings.with(name, value)))
    }

    /// Whether a variable of the process has a meaning with this provider.
    fn keeps(&self, name: &str) -> bool {
        let own = matches!(self, Self::Development(_));
        let of_another = NAMES_A_PROVIDER.iter().any(|prefix| name.starts_with(prefix))
            || permissions::all()
                .any(|it| [it.scope_setting.name, it.role_setting.name].contains(&name));
        name == LEEWAY || !(own && of_another)
    }
}

/// Opens our own provider on `port`, for a web app at `web`.
pub(crate) fn development(
    port: u16,
    web: &Url,
    data: Option<&Path>,
    arguments: &Arguments,
) -> Result<Idp, Failure> {
    let base = Url::parse(&format!("http://localhost:{port}"))
        .expect("a scheme, a host and a port are a URL");
    let data_file = data.map(|folder| folder.join(FILE));
    Ok(Idp::open(idp::Config {
        data_file,
        require_pushed_requests: arguments.require_par,
        like: arguments.provider_like,
        ..idp::Config::new(base, web.clone())
    })?)
}
