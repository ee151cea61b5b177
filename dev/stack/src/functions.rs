use std::collections::HashMap;

use all_functions::FUNCTIONS;
use axum::Router;
use futures_util::future::try_join_all;
use outbound::Outbound;
use serve::StartError;

use crate::{failure::Failure, node::NodeProcess, variables::Variables};

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

/// Checks every function's settings before anything starts.
pub(crate) fn check(all: &Variables) -> Result<(), Failure> {
    Ok(settings::combine(FUNCTIONS.iter().map(|function| function.check(&all.of(function.name))))?)
}

/// Starts all that have a router, side by side, and the authorizer, each with the variables that
/// `template.yaml` gives it and no others.
pub(crate) async fn start(all: &Variables, outbound: &Outbound) -> Result<Functions, Failure> {
    let environment = all.of("authorizer");
    let authorizer = async {
        let config = authorizer::Config::from_environment(&environment)?;
        let state = authorizer::State::start(config, &environment, outbound).await;
        state.map_err(|error| Failure::function("authorizer", error))
    };
    let starting = FUNCTIONS.iter().filter_map(|function| {
        let (name, start, environment) = (function.name, function.start?, all.of(function.name));
        Some(async move {
            let router = start(&environment, outbound).await;
            let router = router.map_err(|error| Failure::function(name, error))?;
            Ok::<_, Failure>((name.to_owned(), router))
        })
    });
    let (authorizer, routers) = tokio::try_join!(authorizer, try_join_all(starting))?;
    let routers = routers.into_iter().collect();
    Ok(Functions { routers, authorizer: Some(authorizer), ..Functions::default() })
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
