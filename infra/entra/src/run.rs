//! From the command line to the end.

use std::{collections::BTreeSet, time::Duration};

use outbound::Outbound;
use reqwest::Client;
use settings::Environment;
use url::Url;

use crate::{
    Apply, Arguments, Command, Permission, Remove, SetupArguments, TenantArguments,
    apply::Work,
    authority::Authority,
    console::Console,
    error::Error,
    graph::{Graph, Organization},
    observed::{Observed, organization},
    parameters::Parameters,
    part::Part,
    permission::READING,
    plan::{Plan, Step},
    removal::Removal,
    sign_in::SignIn,
    time::Time,
    token::Token,
    wanted::Wanted,
};

/// How often and how long it is waited until what was applied shows everywhere: a little over two
/// minutes.
const SETTLING: [u64; 7] = [2, 5, 10, 20, 30, 30, 30];

/// Whose addresses are called.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Microsoft Graph.
    pub graph: Url,
    /// Microsoft's sign-in for administrators.
    pub login: Url,
    /// A host of the tenant: `https://{host}`.
    pub tenant: String,
}

impl Endpoints {
    /// Microsoft's own.
    pub fn microsoft() -> Self {
        let url = |text| Url::parse(text).expect("Microsoft's addresses are addresses");
        Self {
            graph: url("https://graph.microsoft.com"),
            login: url("https://login.microsoftonline.com"),
            tenant: "https://{host}".to_owned(),
        }
    }
}

/// What a run touches, apart from files.
pub struct Context<'a> {
    /// `GRAPH_TOKEN`, `SSL_CERT_FILE`.
    pub environment: Environment,
    /// Whom to call.
    pub endpoints: Endpoints,
    /// Time.
    pub time: &'a dyn Time,
    /// Who watches.
    pub console: &'a dyn Console,
}

/// Does what the command line says.
///
/// # Errors
/// When it did not come to its end. What was done until then stays, and the next run finds it.
pub async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<(), Error> {
    match &arguments.command {
        Command::Plan(setup) => plan(setup, context).await,
        Command::Apply(arguments) => apply(arguments, context).await,
        Command::Remove(arguments) => remove(arguments, context).await,
    }
}

async fn plan(setup: &SetupArguments, context: &Context<'_>) -> Result<(), Error> {
    let graph = context.graph(&setup.tenant).await?;
    let observed = context.observe(&graph, &setup.tenant).await?;
    let plan = Plan::of(&observed, &wanted(setup), context.time.now())?;
    context.console.say(&plan.to_string());
    Ok(())
}

async fn apply(arguments: &Apply, context: &Context<'_>) -> Result<(), Error> {
    let target = &arguments.setup.tenant;
    if let Some(path) = &arguments.parameters {
        deploy_parameters::may_be_written(path)?;
    }
    let graph = context.graph(target).await?;
    let mut observed = context.observe(&graph, target).await?;
    let host = arguments.domain.as_ref().map(ToString::to_string);
    let host = host.unwrap_or_else(|| observed.organization.host());
    let authority = context.authority(&graph, &observed.organization, &host).await?;
    let wanted = wanted(&arguments.setup);
    let plan = Plan::of(&observed, &wanted, context.time.now())?;
    context.console.say(&plan.to_string());
    if !plan.is_empty() {
        context.agreed(arguments.yes, "Apply this?")?;
        let graph = context.permitted(graph, target, plan.steps().map(Step::needs)).await?;
        let keys = arguments.secrets.as_path();
        let mut work = Work { graph: &graph, wanted: &wanted, observed, keys };
        for step in plan.steps() {
            work.take(step).await?;
        }
        observed = settled(&graph, work.observed.organization, &wanted, context).await?;
        context.console.say("Applied.");
    }
    tell(&observed, &authority, arguments, context)
}

async fn remove(arguments: &Remove, context: &Context<'_>) -> Result<(), Error> {
    let target = &arguments.tenant;
    let graph = context.graph(target).await?;
    let removal = Removal::of(&context.observe(&graph, target).await?, &target.name);
    context.console.say(&removal.to_string());
    if removal.is_empty() {
        return Ok(());
    }
    context.agreed(arguments.yes, "Remove this?")?;
    let graph = context.permitted(graph, target, removal.needs()).await?;
    removal.run(&graph).await?;
    context
        .console
        .say("Removed. Entra keeps deleted registrations for 30 days; they can be restored there.");
    Ok(())
}

/// Waits until Graph shows what was applied. Another run before that would plan to create
/// everything twice. What Graph may refuse is not waited for.
async fn settled(
    graph: &Graph<'_>,
    organization: Organization,
    wanted: &Wanted,
    context: &Context<'_>,
) -> Result<Observed, Error> {
    let wanted = Wanted { new_credential: false, resources: Vec::new(), ..wanted.clone() };
    let mut waits = SETTLING.into_iter();
    loop {
        let observed = Observed::read(graph, organization.clone(), &wanted.name).await?;
        let plan = Plan::of(&observed, &wanted, context.time.now())?;
        if plan.is_empty() {
            return Ok(observed);
        }
        match waits.next() {
            Some(seconds) => {
                context
                    .console
                    .say(&format!("Waiting {seconds} seconds until it shows everywhere"));
                context.time.sleep(Duration::from_secs(seconds)).await;
            }
            None => return Err(Error::Unsettled(plan.to_string())),
        }
    }
}

/// What a deployment and its clients need to know.
fn tell(
    observed: &Observed,
    authority: &Authority,
    arguments: &Apply,
    context: &Context<'_>,
) -> Result<(), Error> {
    let web_certificate = !arguments.setup.no_web_certificate;
    let secret_arn = arguments.secret_arn.as_ref();
    let parameters = Parameters::of(observed, authority, web_certificate, secret_arn)?;
    match &arguments.parameters {
        Some(path) => {
            parameters.write(path)?;
            let path = path.display();
            context.console.say(&format!("The parameters are in {path}"));
        }
        None => context.console.say(&format!("Parameters:\n  {}", parameters.lines().join("\n  "))),
    }
    if let (Some(daemon), Some(api)) =
        (observed.application(Part::Daemon), observed.application(Part::Api))
    {
        context.console.say(&format!(
            "Daemon: client id {}, tokens from {} with scope api://{}/.default and its \
             certificate (private_key_jwt)",
            daemon.app_id, authority.token_endpoint, api.app_id
        ));
    }
    Ok(())
}

fn wanted(setup: &SetupArguments) -> Wanted {
    Wanted {
        name: setup.tenant.name.clone(),
        public_url: setup.public_url.clone(),
        also: setup.also_url.clone(),
        resources: match (&setup.resource, &setup.public_url) {
            (Some(resource), _) => vec![resource.clone()],
            (None, Some(origin)) => ["", "/api"]
                .map(|path| Url::parse(&origin.at(path)).expect("an origin is a URL"))
                .into(),
            (None, None) => Vec::new(),
        },
        daemon: setup.daemon,
        new_credential: setup.new_credential,
        web_certificate: !setup.no_web_certificate,
    }
}

impl Context<'_> {
    /// Graph, to read the tenant.
    async fn graph(&self, target: &TenantArguments) -> Result<Graph<'_>, Error> {
        let http = Outbound::from_environment(&self.environment)?.http().clone();
        let token = self.token(&http, target, &READING.into(), None).await?;
        let base = self.endpoints.graph.clone();
        Ok(Graph { http, base, token, time: self.time, console: self.console })
    }

    /// Graph, with these permissions as well.
    async fn permitted<'g>(
        &self,
        graph: Graph<'g>,
        target: &TenantArguments,
        needs: impl Iterator<Item = &'static Permission>,
    ) -> Result<Graph<'g>, Error> {
        let permissions = READING.into_iter().chain(needs.map(|it| it.scope)).collect();
        let refresh = graph.token.refresh.as_deref();
        let token = self.token(&graph.http, target, &permissions, refresh).await?;
        Ok(Graph { token, ..graph })
    }

    async fn token(
        &self,
        http: &Client,
        target: &TenantArguments,
        permissions: &BTreeSet<&str>,
        refresh: Option<&str>,
    ) -> Result<Token, Error> {
        if let Some(token) = Token::from_environment(&self.environment) {
            return Ok(token);
        }
        let sign_in = SignIn {
            http,
            login: &self.endpoints.login,
            tenant: &target.tenant,
            client_id: &target.client_id,
            time: self.time,
            console: self.console,
        };
        sign_in.token(permissions, refresh).await
    }

    async fn observe(
        &self,
        graph: &Graph<'_>,
        target: &TenantArguments,
    ) -> Result<Observed, Error> {
        let organization = organization(graph, &target.tenant).await?;
        // Graph doesn't show the type of a tenant to a token with `User.Read`, but only an external
        // tenant has this host.
        let host = format!("{}.ciamlogin.com", organization.id);
        self.authority(graph, &organization, &host).await?;
        let title = organization.display_name.as_deref().unwrap_or("without a name");
        self.console.say(&format!("Tenant {title} ({})", organization.id));
        Observed::read(graph, organization, &target.name).await
    }

    async fn authority(
        &self,
        graph: &Graph<'_>,
        organization: &Organization,
        host: &str,
    ) -> Result<Authority, Error> {
        // Its keys will sign users in, so it must be Microsoft's host or the tenant's.
        if !host.ends_with(".ciamlogin.com") && !organization.has(host) {
            let reason = "the host is no verified domain of the tenant".to_owned();
            return Err(Error::NotExternal { url: format!("https://{host}/"), reason });
        }
        Authority::find(&graph.http, &self.endpoints.tenant, host, &organization.id).await
    }

    fn agreed(&self, yes: bool, question: &str) -> Result<(), Error> {
        if yes || self.console.confirm(question) { Ok(()) } else { Err(Error::Declined) }
    }
}
