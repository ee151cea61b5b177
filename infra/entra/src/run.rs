//! From the command line to the end.

use std::time::Duration;

use outbound::Outbound;
use settings::Environment;
use url::Url;

use crate::{
    Apply, Arguments, Command, Place, Remove, Wishes,
    apply::Work,
    console::Console,
    error::Error,
    graph::Graph,
    observed::Observed,
    parameters::{self, Parameters, issuer},
    part::Part,
    plan::Plan,
    removal::Removal,
    secrets::Secrets,
    sign_in::{SignIn, Token},
    time::Time,
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
}

impl Endpoints {
    /// Microsoft's own.
    pub fn microsoft() -> Self {
        let url = |text| Url::parse(text).expect("Microsoft's addresses are addresses");
        Self {
            graph: url("https://graph.microsoft.com"),
            login: url("https://login.microsoftonline.com"),
        }
    }
}

/// What a run touches, apart from files.
pub struct Surroundings<'a> {
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
pub async fn run(arguments: &Arguments, around: &Surroundings<'_>) -> Result<(), Error> {
    match &arguments.command {
        Command::Plan(wishes) => plan(wishes, around).await,
        Command::Apply(arguments) => apply(arguments, around).await,
        Command::Remove(arguments) => remove(arguments, around).await,
    }
}

async fn plan(wishes: &Wishes, around: &Surroundings<'_>) -> Result<(), Error> {
    let graph = around.graph(&wishes.place).await?;
    let observed = around.observe(&graph, &wishes.place).await?;
    let plan = Plan::of(&observed, &wanted(wishes), around.time.now())?;
    around.console.say(&plan.to_string());
    Ok(())
}

async fn apply(arguments: &Apply, around: &Surroundings<'_>) -> Result<(), Error> {
    let place = &arguments.wishes.place;
    if let Some(path) = &arguments.parameters {
        parameters::may_be_written(path)?;
    }
    let graph = around.graph(place).await?;
    let mut observed = around.observe(&graph, place).await?;
    let wanted = wanted(&arguments.wishes);
    let plan = Plan::of(&observed, &wanted, around.time.now())?;
    around.console.say(&plan.to_string());
    if !plan.is_empty() {
        around.agreed(arguments.yes, "Apply this?")?;
        let folder = (!arguments.print_secrets).then_some(arguments.secrets.as_path());
        let secrets = Secrets { folder, console: around.console };
        let mut work = Work { graph: &graph, wanted: &wanted, observed, secrets: &secrets };
        for step in plan.steps() {
            work.take(step).await?;
        }
        observed = settled(&graph, place, &wanted, around).await?;
        around.console.say("Applied.");
    }
    tell(&observed, arguments, around)
}

async fn remove(arguments: &Remove, around: &Surroundings<'_>) -> Result<(), Error> {
    let place = &arguments.place;
    let graph = around.graph(place).await?;
    let removal = Removal::of(&around.observe(&graph, place).await?, &place.name);
    around.console.say(&removal.to_string());
    if removal.is_empty() {
        return Ok(());
    }
    around.agreed(arguments.yes, "Remove this?")?;
    removal.run(&graph).await?;
    around
        .console
        .say("Removed. Entra keeps deleted registrations for 30 days; they can be restored there.");
    Ok(())
}

/// Waits until Graph shows what was applied. Whoever ran the program again before that would be
/// shown a plan to make everything twice.
async fn settled(
    graph: &Graph<'_>,
    place: &Place,
    wanted: &Wanted,
    around: &Surroundings<'_>,
) -> Result<Observed, Error> {
    let wanted = Wanted { new_secret: false, ..wanted.clone() };
    let mut waits = SETTLING.into_iter();
    loop {
        let observed = Observed::read(graph, &place.tenant, &place.name).await?;
        let plan = Plan::of(&observed, &wanted, around.time.now())?;
        if plan.is_empty() {
            return Ok(observed);
        }
        match waits.next() {
            Some(seconds) => {
                around.console.say(&format!("Waiting {seconds} seconds until it shows everywhere"));
                around.time.sleep(Duration::from_secs(seconds)).await;
            }
            None => return Err(Error::Unsettled(plan.to_string())),
        }
    }
}

/// What a deployment and its clients need to know.
fn tell(observed: &Observed, arguments: &Apply, around: &Surroundings<'_>) -> Result<(), Error> {
    let (public_url, arn) = (&arguments.wishes.public_url, arguments.secret_arn.as_ref());
    let parameters = Parameters::of(observed, public_url, arn)?;
    match &arguments.parameters {
        Some(path) => {
            parameters.write(path)?;
            let path = path.display();
            around.console.say(&format!("Deploy with: sam deploy --config-file {path}"));
        }
        None => around.console.say(&format!("Parameters:\n  {}", parameters.lines().join("\n  "))),
    }
    if let (Some(daemon), Some(api)) =
        (observed.application(Part::Daemon), observed.application(Part::Api))
    {
        let tokens = issuer(&observed.organization.id).replace("/v2.0", "/oauth2/v2.0/token");
        around.console.say(&format!(
            "Daemon: client id {}, tokens from {tokens} with scope api://{}/.default",
            daemon.app_id, api.app_id
        ));
    }
    Ok(())
}

fn wanted(wishes: &Wishes) -> Wanted {
    Wanted {
        name: wishes.place.name.clone(),
        public_url: wishes.public_url.clone(),
        also: wishes.also_url.clone(),
        daemon: wishes.daemon,
        new_secret: wishes.new_secret,
    }
}

impl Surroundings<'_> {
    async fn graph(&self, place: &Place) -> Result<Graph<'_>, Error> {
        let http = Outbound::from_environment(&self.environment)?.http().clone();
        let token = if let Some(token) = Token::from_environment(&self.environment) {
            token
        } else {
            let sign_in = SignIn {
                http: &http,
                login: &self.endpoints.login,
                tenant: &place.tenant,
                client_id: &place.client_id,
                time: self.time,
                console: self.console,
            };
            sign_in.by_device_code().await?
        };
        let base = self.endpoints.graph.clone();
        Ok(Graph { http, base, token, time: self.time, console: self.console })
    }

    async fn observe(&self, graph: &Graph<'_>, place: &Place) -> Result<Observed, Error> {
        let observed = Observed::read(graph, &place.tenant, &place.name).await?;
        let organization = &observed.organization;
        let title = organization.display_name.as_deref().unwrap_or("without a name");
        self.console.say(&format!("Tenant {title} ({})", organization.id));
        Ok(observed)
    }

    fn agreed(&self, yes: bool, question: &str) -> Result<(), Error> {
        if yes || self.console.confirm(question) { Ok(()) } else { Err(Error::Declined) }
    }
}
