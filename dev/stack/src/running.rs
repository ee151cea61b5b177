use std::{path::PathBuf, time::Duration};

use local_aws::{LocalDynamoDb, Template};
use outbound::Outbound;
use settings::Environment;
use time::UtcOffset;
use tokio::{sync::watch, task::JoinSet};
use url::Url;

use crate::{
    arguments::Arguments,
    banner::Banner,
    details, environment, examples,
    failure::Failure,
    functions,
    gateway::Gateway,
    loopback::Loopback,
    node,
    provider::{self, Provider},
    request_log::RequestLog,
    schedule,
    shutdown::Shutdown,
    variables::Variables,
};

/// The database's file in the data folder.
const STORE: &str = "dynamodb.sqlite";

/// The page's modules and style sheets.
const PAGE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/web/assets");

/// How long requests under way may take to finish at the end.
const GRACE: Duration = Duration::from_secs(10);

/// Where the provider comes from.
enum Choice {
    External(Provider),
    /// To be started on this port.
    Development(Loopback),
}

/// Everything, up.
pub(crate) struct Running {
    url: Url,
    port: Option<u16>,
    /// What functions that run elsewhere are told, where there are such.
    environment: Option<PathBuf>,
    provider: Provider,
    data: Option<PathBuf>,
    examples: bool,
    store: LocalDynamoDb,
    stop: watch::Sender<bool>,
    servers: JoinSet<()>,
}

/// Starts everything, in the order in which each needs the other.
pub(crate) async fn start(arguments: &Arguments, offset: UtcOffset) -> Result<Running, Failure> {
    let process = Environment::process();
    let template =
        if arguments.examples { Template::with_examples()? } else { Template::project() };

    // Ports first: a second stack fails on them before it touches any data.
    let web = match arguments.around {
        Some(_) => None,
        None => Some(web_port(arguments.port).await?),
    };
    let choice = match Provider::external(&process) {
        Some(provider) => Choice::External(provider),
        None => Choice::Development(provider_port(arguments.port).await?),
    };
    let port = web.as_ref().map_or(arguments.port, Loopback::port);
    let url = match &arguments.around {
        Some(around) => around.clone(),
        None => public_url(&process, port)?,
    };

    let data = arguments.data_folder();
    let store = match &data {
        Some(folder) => {
            private_file::create_folder(folder)
                .map_err(|error| Failure::data_folder(folder, error))?;
            LocalDynamoDb::in_file(folder.join(STORE)).await?
        }
        None => LocalDynamoDb::in_memory().await?,
    };

    let (stop, stopping) = Shutdown::by_hand();
    let mut servers = JoinSet::new();
    let provider = match choice {
        Choice::External(provider) => provider,
        Choice::Development(listener) => {
            let idp = provider::development(listener.port(), &url, data.as_deref(), arguments)?;
            listener.serve(&idp.router(), &stopping, &mut servers);
            Provider::Development(idp)
        }
    };

    let mut settings = provider.settings(&process, &template)?.with("PUBLIC_URL", origin(&url));
    for (name, value) in store.environment() {
        settings = settings.with(name, value);
    }
    if arguments.examples {
        let port = examples::start_http(&settings, &stopping, &mut servers).await?;
        settings = examples::settings(settings, port);
    }
    let page = arguments.page.clone().or_else(|| arguments.examples.then(examples::page));
    if page.is_some() || !arguments.bundled_page {
        settings = settings.with("PAGE_FOLDER", page.as_deref().unwrap_or(PAGE_FOLDER));
    }
    let step_up_acr = settings.text("SESSION_STEP_UP_ACR").map(str::to_owned);
    let outbound = Outbound::from_environment(&settings)?;
    let variables = Variables::new(&template, settings)?;
    if let Some(file) = &arguments.environment {
        environment::write(file, &variables.of_all())
            .map_err(|error| Failure::environment(file, error))?;
    }
    functions::check(&variables)?;
    schedule::start(&variables.of("keys"), &outbound, &stopping, &mut servers).await?;
    if let Some(web) = web {
        let mut functions = functions::start(&variables, &outbound).await?;
        functions.processes = node::start(&template, &variables, &stopping, &mut servers).await?;
        if arguments.examples {
            let rust = examples::rust(&variables.of("orders-rust"), &outbound).await?;
            functions.routers.insert("orders-rust".to_owned(), rust);
        }
        let log = RequestLog::local(offset);
        let cors = arguments.cors_origins.as_ref().map(|it| ("CorsOrigins".to_owned(), it.clone()));
        let cors = template.cors(&cors.into_iter().collect());
        let gateway = Gateway::new(template.routes()?, functions, cors, url.clone(), log);
        web.serve(&gateway.router(), &stopping, &mut servers);
    }

    if let Some(file) = &arguments.details {
        details::write(file, &url, &provider, step_up_acr.as_deref(), arguments)
            .map_err(|error| Failure::details(file, error))?;
    }
    let environment = arguments.environment.clone();
    let port = arguments.around.is_none().then_some(port);
    let examples = arguments.examples;
    Ok(Running { url, port, environment, provider, data, examples, store, stop, servers })
}

impl Running {
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn banner(&self) -> Banner<'_> {
        Banner {
            url: &self.url,
            port: self.port,
            environment: self.environment.as_deref(),
            provider: &self.provider,
            data: self.data.as_deref(),
            examples: self.examples,
        }
    }

    /// Ends everything, the requests under way at last.
    pub(crate) async fn finish(mut self) {
        // Nobody listens only when all servers have ended already.
        let _ = self.stop.send(true);
        let served = async { while self.servers.join_next().await.is_some() {} };
        // Whoever still holds a request open now is cut off.
        let _ = tokio::time::timeout(GRACE, served).await;
        self.store.pause().await;
    }
}

async fn web_port(port: u16) -> Result<Loopback, Failure> {
    Loopback::bind(port).await.map_err(|error| Failure::port(port, error))
}

/// The port after the web app's, or a free one beside a free one.
async fn provider_port(web: u16) -> Result<Loopback, Failure> {
    let port = if web == 0 { 0 } else { web + 1 };
    Loopback::bind(port).await.map_err(|error| Failure::provider_port(port, error))
}

/// Where browsers find us: `PUBLIC_URL` (a tunnel, say), else localhost.
fn public_url(process: &Environment, port: u16) -> Result<Url, Failure> {
    let set = process.optional::<serve::PublicOrigin>(&serve::PUBLIC_URL)?;
    Ok(set.map_or_else(
        || {
            Url::parse(&format!("http://localhost:{port}"))
                .expect("a scheme, a host and a port are a URL")
        },
        |origin| origin.url("/"),
    ))
}

fn origin(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}
