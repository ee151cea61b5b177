use std::path::Path;

use idp::Idp;
use settings::Environment;
use url::Url;

use crate::failure::Failure;

/// The provider's file in the data folder.
const FILE: &str = "provider.json";

/// Settings of the process that mean something with our own provider; what a
/// shell has left of another provider's would only contradict it.
const KEPT: [&str; 7] = [
    "OIDC_LEEWAY_SECONDS",
    "PUBLIC_URL",
    "SESSION_FRESH_MINUTES",
    "SESSION_IDLE_MINUTES",
    "SESSION_MAX_HOURS",
    "SESSION_STEP_UP_ACR",
    "SSL_CERT_FILE",
];

/// What scopes and roles are called where nothing else is said, as in `template.yaml`.
const NAMES: [(&str, &str); 4] = [
    ("TODOS_READ_SCOPE", "ToDoList.Read"),
    ("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite"),
    ("TODOS_READ_ROLE", "ToDoList.Read.All"),
    ("TODOS_WRITE_ROLE", "ToDoList.ReadWrite.All"),
];

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

    /// The settings that name this provider, over those of the process.
    pub(crate) fn settings(&self, process: &Environment) -> Environment {
        let Self::Development(idp) = self else {
            return NAMES.iter().fold(process.clone(), |settings, (variable, name)| {
                let name = settings.text(variable).unwrap_or(name).to_owned();
                settings.with(*variable, name)
            });
        };
        let kept = KEPT.iter().filter_map(|name| Some((*name, process.text(name)?.to_owned())));
        let web_app = idp.web_app();
        let own = [
            ("OIDC_ISSUER", idp.issuer().to_owned()),
            ("OIDC_CLIENT_ID", web_app.client_id.to_owned()),
            ("OIDC_CLIENT_SECRET", web_app.client_secret),
            ("OIDC_SCOPES", idp.scopes().join(" ")),
            ("API_AUDIENCE", idp::API_CLIENT_ID.to_owned()),
        ];
        let names = NAMES.map(|(variable, name)| (variable, name.to_owned()));
        Environment::of(kept.chain(own).chain(names))
    }
}

/// Opens our own provider on `port`, for a web app at `web`.
pub(crate) fn development(
    port: u16,
    web: &Url,
    data: Option<&Path>,
    require_pushed_requests: bool,
) -> Result<Idp, Failure> {
    let base = Url::parse(&format!("http://localhost:{port}"))
        .expect("a scheme, a host and a port are a URL");
    let data_file = data.map(|folder| folder.join(FILE));
    let config = idp::Config::new(base, web.clone());
    Ok(Idp::open(idp::Config { data_file, require_pushed_requests, ..config })?)
}
