use std::collections::HashMap;

use axum::Router;
use outbound::Outbound;
use sam_template::Template;
use serve::StartError;
use settings::Environment;

use crate::failure::Failure;

/// The functions' routers, by name.
pub(crate) type Functions = HashMap<String, Router>;

/// Variables that Lambda, not the template, gives every function.
const GIVEN: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "SSL_CERT_FILE",
];

/// What the template takes from Secrets Manager is given directly here.
const SECRETS: [(&str, &str); 2] =
    [("OIDC_CLIENT_SECRET_ARN", "OIDC_CLIENT_SECRET"), ("OIDC_CLIENT_KEY_ARN", "OIDC_CLIENT_KEY")];

/// Starts a function: its name, and its steps in the order that its `main` takes them.
macro_rules! start {
    ($function:ident, $all:expr, $outbound:expr) => {
        // Boxed: four starts inline make one future of 32 KB.
        Box::pin(async {
            let environment = $all.of(stringify!($function));
            let router = async {
                let config = $function::Config::from_environment(&environment)?;
                let state = $function::State::start(config, &environment, $outbound).await?;
                Ok($function::app(state))
            };
            let failed = |error: StartError| Failure::function(stringify!($function), error);
            let router: Router = router.await.map_err(failed)?;
            Ok::<_, Failure>((stringify!($function).to_owned(), router))
        })
    };
}

/// Starts all four, side by side, each with the variables that `template.yaml`
/// gives it and no others.
pub(crate) async fn start(
    template: &Template,
    settings: Environment,
) -> Result<Functions, Failure> {
    let outbound = &Outbound::from_environment(&settings)?;
    let all = Variables { names: template.variables()?.into_iter().collect(), settings };
    let (signin, callback, web, todos) = tokio::try_join!(
        start!(signin, all, outbound),
        start!(callback, all, outbound),
        start!(web, all, outbound),
        start!(todos, all, outbound),
    )?;
    Ok([signin, callback, web, todos].into())
}

struct Variables {
    names: HashMap<String, Vec<String>>,
    settings: Environment,
}

impl Variables {
    /// The variables of one function: a setting that the template forgets is
    /// missing here, too.
    fn of(&self, function: &str) -> Environment {
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
    fn function(function: &'static str, error: StartError) -> Self {
        match error {
            StartError::Setting(error) => Self::Setting(error),
            error @ StartError::Needed(_) => Self::Function { function, error },
        }
    }
}
