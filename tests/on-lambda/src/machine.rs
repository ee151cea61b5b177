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
    /// When the template names one that has no value here: it is new.
    pub fn environment(&self, function: &str) -> Result<HashMap<String, String>> {
        let values = self.values();
        let mut environment: HashMap<String, String> = self
            .dynamodb
            .environment()
            .into_iter()
            .filter(|(name, _)| name.starts_with("AWS_"))
            .collect();
        let variables = Template::project().variables()?;
        let (_, names) = variables
            .into_iter()
            .find(|(name, _)| name == function)
            .with_context(|| format!("template.yaml has no function {function}"))?;
        for name in names {
            let value =
                values.get(name.as_str()).with_context(|| format!("no value for {name}"))?;
            // The secret lies in Secrets Manager there, and is given directly here.
            if name == "OIDC_CLIENT_SECRET_ARN" {
                environment
                    .insert("OIDC_CLIENT_SECRET".to_owned(), self.idp.web_app().client_secret);
            }
            environment.insert(name, value.clone());
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

    fn values(&self) -> HashMap<&'static str, String> {
        let mut values: HashMap<_, _> = [
            ("OIDC_ISSUER", self.idp.issuer().to_owned()),
            ("OIDC_CLIENT_ID", self.idp.web_app().client_id.to_owned()),
            ("OIDC_SCOPES", self.idp.scopes().join(" ")),
            ("OIDC_ALGORITHMS", "RS256".to_owned()),
            ("OIDC_LEEWAY_SECONDS", "60".to_owned()),
            ("OIDC_CLIENT_AUTH", "client_secret_basic".to_owned()),
            ("API_AUDIENCE", idp::API_CLIENT_ID.to_owned()),
            ("API_TOKEN_TYPES", "JWT at+jwt".to_owned()),
            ("TODOS_READ_SCOPE", "ToDoList.Read".to_owned()),
            ("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite".to_owned()),
            ("TODOS_READ_ROLE", "ToDoList.Read.All".to_owned()),
            ("TODOS_WRITE_ROLE", "ToDoList.ReadWrite.All".to_owned()),
            ("SESSION_FRESH_MINUTES", "60".to_owned()),
            ("SESSION_IDLE_MINUTES", "60".to_owned()),
            ("SESSION_MAX_HOURS", "12".to_owned()),
        ]
        .into();
        // SAM passes '' for a parameter that is left out.
        for left_out in [
            "OIDC_METADATA_URL",
            "OIDC_CLIENT_SECRET_ARN",
            "OIDC_CLIENT_KEY_ARN",
            "API_ALLOWED_CLIENTS",
            "KEYS_FUNCTION",
            "PUBLIC_URL",
            "SESSION_STEP_UP_ACR",
        ] {
            values.insert(left_out, String::new());
        }
        for (name, value) in self.dynamodb.environment() {
            match name.as_str() {
                "KEYS_TABLE" => values.insert("KEYS_TABLE", value),
                "SESSIONS_TABLE" => values.insert("SESSIONS_TABLE", value),
                "TODOS_TABLE" => values.insert("TODOS_TABLE", value),
                _ => None,
            };
        }
        values
    }
}
