use std::{collections::HashMap, net::Ipv4Addr, path::PathBuf};

use anyhow::{Context, Result};
use idp::Idp;
use local_aws::{LocalDynamoDb, Template};
use tokio::net::TcpListener;

/// The domain of the HTTP API in the events: what browsers see.
pub const DOMAIN: &str = "todos.example.com";

/// What the functions find around them: a DynamoDB, a provider, and where they
/// themselves were built.
pub struct Machine {
    /// The tables.
    pub dynamodb: LocalDynamoDb,
    /// The provider.
    pub idp: Idp,
    /// Where the binaries are.
    pub functions: PathBuf,
    provider: tokio::task::JoinHandle<()>,
}

impl Machine {
    /// Starts both, with nothing in them.
    ///
    /// # Errors
    /// When a port cannot be had, or `TOLLGATE_FUNCTIONS` does not say where
    /// the functions are.
    pub async fn start() -> Result<Self> {
        let functions = std::env::var_os("TOLLGATE_FUNCTIONS").context(
            "TOLLGATE_FUNCTIONS must name the folder of the built functions: \
             `cargo xtask test lambda` builds them and sets it",
        )?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base = format!("http://{}", listener.local_addr()?).parse()?;
        let web = format!("https://{DOMAIN}").parse()?;
        let idp = Idp::open(idp::Config::new(base, web))?;
        let router = idp.router();
        let provider = tokio::spawn(async move {
            // It ends with the runtime of its test.
            let _ = axum::serve(listener, router).await;
        });
        let dynamodb = LocalDynamoDb::in_memory().await?;
        Ok(Self { dynamodb, idp, functions: functions.into(), provider })
    }

    /// The variables of a function: those that `template.yaml` gives it, and
    /// those that Lambda does.
    ///
    /// # Errors
    /// When the template has no such function.
    pub fn environment(&self, function: &str) -> Result<HashMap<String, String>> {
        let parameters = [
            ("Issuer", self.idp.issuer().to_owned()),
            ("ClientId", self.idp.web_app().client_id.to_owned()),
            ("Scopes", self.idp.scopes().join(" ")),
            ("Audience", idp::API_CLIENT_ID.to_owned()),
        ];
        let template = Template::project();
        let variables = template.variables()?;
        let (_, names) = variables
            .into_iter()
            .find(|(name, _)| name == function)
            .with_context(|| format!("template.yaml has no function {function}"))?;
        let values = parameters.map(|(name, value)| (name.to_owned(), value)).into();
        let own = template.environments(&values)?.remove(function).unwrap_or_default();
        let mut environment: HashMap<_, _> = own.into_iter().collect();
        for (name, value) in self.dynamodb.environment() {
            if name.starts_with("AWS_") || names.contains(&name) {
                environment.insert(name, value);
            }
        }
        // The secret lies in Secrets Manager there, and is given directly here.
        if names.iter().any(|name| name == "OIDC_CLIENT_SECRET_ARN") {
            environment.insert("OIDC_CLIENT_SECRET".to_owned(), self.idp.web_app().client_secret);
        }
        for (name, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "test"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "test"),
        ] {
            environment.insert(name.to_owned(), value.to_owned());
        }
        Ok(environment)
    }

    /// Takes the provider away. It does not come back.
    pub fn stop_provider(&self) {
        self.provider.abort();
    }
}
