use std::collections::HashMap;

use axum::Router;
use local_aws::Template;
use outbound::Outbound;
use serve::StartError;
use settings::Environment;

use crate::failure::Failure;

/// The functions' routers, by name.
pub(crate) type Functions = HashMap<String, Router>;

/// Variables that Lambda, not the template, gives every function.
pub(crate) const GIVEN: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "SSL_CERT_FILE",
];

/// What the template takes from Secrets Manager is given directly here.
pub(crate) const SECRETS: [(&str, &str); 2] =
    [("OIDC_CLIENT_SECRET_ARN", "OIDC_CLIENT_SECRET"), ("OIDC_CLIENT_KEY_ARN", "OIDC_CLIENT_KEY")];

/// Reads a function's settings: what its `main` does first.
macro_rules! configure {
    ($function:ident, $all:expr) => {{
        let environment = $all.of(stringify!($function));
        ($function::Config::from_environment(&environment)?, environment)
    }};
}

/// Starts a function: what its `main` does then. Gives its name and its router.
macro_rules! start {
    ($function:ident, $configured:expr, $outbound:expr) => {{
        let (config, environment) = $configured;
        // Boxed: four starts inline make one future of 32 KB.
        Box::pin(async move {
            let state = $function::State::start(config, &environment, $outbound).await;
            let state = state.map_err(|error| Failure::function(stringify!($function), error))?;
            Ok::<_, Failure>((stringify!($function).to_owned(), $function::app(state)))
        })
    }};
}

/// Reads every function's settings: a bad one is then the only thing said, before anything starts.
pub(crate) fn check(all: &Variables) -> Result<(), Failure> {
    configure!(signin, all);
    configure!(callback, all);
    configure!(web, all);
    configure!(todos, all);
    Ok(())
}

/// Starts all that have routes, side by side, each with the variables that `template.yaml`
/// gives it and no others.
pub(crate) async fn start(all: &Variables, outbound: &Outbound) -> Result<Functions, Failure> {
    let signin = configure!(signin, all);
    let callback = configure!(callback, all);
    let web = configure!(web, all);
    let todos = configure!(todos, all);
    let (signin, callback, web, todos) = tokio::try_join!(
        start!(signin, signin, outbound),
        start!(callback, callback, outbound),
        start!(web, web, outbound),
        start!(todos, todos, outbound),
    )?;
    Ok([signin, callback, web, todos].into())
}

/// What each function is given.
pub(crate) struct Variables {
    names: HashMap<String, Vec<String>>,
    settings: Environment,
}

impl Variables {
    pub(crate) fn new(template: &Template, settings: Environment) -> Result<Self, Failure> {
        Ok(Self { names: template.variables()?.into_iter().collect(), settings })
    }

    /// The variables of one function: a setting that the template forgets is
    /// missing here, too.
    pub(crate) fn of(&self, function: &str) -> Environment {
        let own = self.names.get(function).into_iter().flatten().map(String::as_str);
        let direct = |name: &&str| SECRETS.iter().find(|(arn, _)| arn == name).map(|(_, it)| *it);
        let secrets = own.clone().filter_map(|name| direct(&name));
        let names = own.chain(secrets).chain(GIVEN);
        let pairs = names.filter_map(|name| Some((name, self.settings.text(name)?)));
        Environment::of(pairs)
    }
}

impl Failure {
    /// A bad setting speaks for itself, whichever function found it.
    pub(crate) fn function(function: &'static str, error: StartError) -> Self {
        match error {
            StartError::Settings(errors) => Self::Settings(errors),
            error @ StartError::Needed(_) => Self::Function { function, error },
        }
    }
}
