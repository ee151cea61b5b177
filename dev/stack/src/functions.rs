use std::collections::HashMap;

use all_functions::FUNCTIONS;
use axum::Router;
use futures_util::future::try_join_all;
use local_aws::Template;
use outbound::Outbound;
use serve::StartError;
use settings::Environment;

use crate::{failure::Failure, node::NodeProcess};

/// The functions that answer requests.
#[derive(Default)]
pub(crate) struct Functions {
    /// Those with a router, by name.
    pub(crate) routers: HashMap<String, Router>,
    /// Those that Node.js runs.
    pub(crate) processes: Vec<(String, NodeProcess)>,
    /// The function `authorizer`.
    pub(crate) authorizer: Option<authorizer::State>,
}

/// Variables that Lambda or a developer, not the template, gives every function.
const GIVEN: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "PAGE_FOLDER",
    "SSL_CERT_FILE",
];

/// Checks every function's settings before anything starts.
pub(crate) fn check(all: &Variables) -> Result<(), Failure> {
    Ok(settings::combine(FUNCTIONS.iter().map(|function| function.check(&all.of(function.name))))?)
}

/// Starts all that have a router, side by side, and the authorizer, each with the variables that
/// `template.yaml` gives it and no others.
pub(crate) async fn start(all: &Variables, outbound: &Outbound) -> Result<Functions, Failure> {
    let environment = all.of("authorizer");
    let config = authorizer::Config::from_environment(&environment)?;
    let authorizer = authorizer::State::start(config, &environment, outbound).await;
    let authorizer = authorizer.map_err(|error| Failure::function("authorizer", error))?;
    let starting = FUNCTIONS.iter().filter_map(|function| {
        let (name, start, environment) = (function.name, function.start?, all.of(function.name));
        Some(async move {
            let router = start(&environment, outbound).await;
            let router = router.map_err(|error| Failure::function(name, error))?;
            Ok::<_, Failure>((name.to_owned(), router))
        })
    });
    let routers = try_join_all(starting).await?.into_iter().collect();
    Ok(Functions { routers, processes: Vec::new(), authorizer: Some(authorizer) })
}

/// What each function is given.
pub(crate) struct Variables {
    names: HashMap<String, Vec<String>>,
    settings: Environment,
}

impl Variables {
    pub(crate) fn new(template: &Template, settings: Environment) -> Result<Self, Failure> {
        let mut names: HashMap<_, _> = template.variables()?.into_iter().collect();
        // Where the template gives the ARN of a secret, the secret is given directly.
        let secrets: Vec<_> =
            all_functions::settings().into_iter().filter(|it| it.secret).collect();
        for names in names.values_mut() {
            let given = secrets.iter().filter(|it| names.contains(&format!("{}_ARN", it.name)));
            let given: Vec<_> = given.map(|setting| setting.name.to_owned()).collect();
            names.extend(given);
        }
        Ok(Self { names, settings })
    }

    /// The variables of one function: a setting that the template forgets is
    /// missing here, too.
    pub(crate) fn of(&self, function: &str) -> Environment {
        self.pairs(self.names.get(function).into_iter().flatten())
    }

    /// The variables of all functions together.
    pub(crate) fn of_all(&self) -> Environment {
        self.pairs(self.names.values().flatten())
    }

    fn pairs<'a>(&self, names: impl Iterator<Item = &'a String>) -> Environment {
        let names = names.map(String::as_str).chain(GIVEN);
        Environment::of(names.filter_map(|name| Some((name, self.settings.text(name)?))))
    }
}

impl Failure {
    /// A bad setting speaks for itself, whichever function found it.
    pub(crate) fn function(function: &'static str, error: StartError) -> Self {
        match error {
            StartError::Settings(errors) => Self::Settings(errors),
            error @ StartError::Dependency(_) => Self::Function { function, error },
        }
    }
}
