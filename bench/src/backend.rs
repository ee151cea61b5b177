//! What the functions find around them: provider and tables, with TLS or without.

use std::{collections::HashMap, net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use axum::{Json, Router};
use idp::Idp;
use local_aws::LocalDynamoDb;
use on_lambda::{DOMAIN, Event, Function};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    documents::Documents,
    peer::PEER,
    tls::{self, Certificates, Front},
};

/// Twice what Lambda gives an init: the machine may be loaded.
const TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct Backend {
    idp: Idp,
    /// What the provider was asked for.
    pub(crate) documents: Documents,
    /// The TLS in front of the provider and of DynamoDB.
    pub(crate) fronts: Vec<Front>,
    /// Serves for as long as it is held.
    pub(crate) dynamodb: LocalDynamoDb,
    /// The variables that all functions have in common.
    common: HashMap<String, String>,
    /// Of the certificate.
    _folder: TempDir,
}

impl Backend {
    /// # Errors
    /// When a port cannot be had.
    pub(crate) async fn start(with_tls: bool) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("authority.pem");
        let certificates = Certificates::make(&file)?;
        let (outside, inside) = (tls::listener().await?, tls::listener().await?);
        let plain = inside.local_addr()?;
        let base = if with_tls {
            format!("https://localhost:{}", outside.local_addr()?.port())
        } else {
            format!("http://localhost:{}", plain.port())
        };
        let web = format!("https://{DOMAIN}").parse()?;
        let idp = Idp::open(idp::Config::new(base.parse()?, web))?;
        let documents = Documents::default();
        let router = documents.count(idp.router());
        // It ends with the program.
        tokio::spawn(async move { axum::serve(inside, router).await });
        let mut fronts = vec![certificates.in_front_of(outside, plain)];

        let dynamodb = LocalDynamoDb::in_memory().await?;
        let mut common: HashMap<_, _> = dynamodb.environment().into_iter().collect();
        if with_tls {
            let listener = tls::listener().await?;
            let port = listener.local_addr()?.port();
            let endpoint = common["AWS_ENDPOINT_URL_DYNAMODB"].clone();
            let plain: SocketAddr = endpoint.trim_start_matches("http://").parse()?;
            fronts.push(certificates.in_front_of(listener, plain));
            let endpoint = format!("https://localhost:{port}");
            common.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint);
            let file = file.to_str().context("a path in UTF-8")?;
            for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
                common.insert(name.to_owned(), file.to_owned());
            }
        }
        let (outside, inside) = (tls::listener().await?, tls::listener().await?);
        let plain = inside.local_addr()?;
        let upstream = if with_tls {
            format!("https://localhost:{}/", outside.local_addr()?.port())
        } else {
            format!("http://{plain}/")
        };
        let orders = Router::new().fallback(async || Json(json!({ "items": [] })));
        tokio::spawn(async move { axum::serve(inside, orders).await });
        fronts.push(certificates.in_front_of(outside, plain));
        // The proxy's, and that of `direct`.
        common.insert("UPSTREAMS".to_owned(), format!("/api/orders {upstream}"));
        common.insert("UPSTREAM".to_owned(), upstream);
        let policy = format!("GET /api/orders role={}", permissions::TODOS[1].role);
        common.insert("ROUTE_POLICIES".to_owned(), policy);
        let own = [
            ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("NODE_ENV", "production"),
            // As in template.yaml.
            ("MALLOC_ARENA_MAX", "1"),
        ];
        common.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        common.extend(idp.settings().into_iter().map(|(name, value)| (name.to_owned(), value)));
        Ok(Self { idp, documents, fronts, dynamodb, common, _folder: folder })
    }

    /// Starts a function. `KEYS_TABLE` is set where copies of keys are asked for.
    ///
    /// # Errors
    /// When its binary is not there.
    pub(crate) async fn function(
        &self,
        functions: &Path,
        name: &str,
        with_copies: bool,
    ) -> Result<Function> {
        Function::spawn(&functions.join(name), self.environment(with_copies)).await
    }

    /// The variables of a function. `KEYS_TABLE` is among them where copies of keys are asked for.
    pub(crate) fn environment(&self, with_copies: bool) -> HashMap<String, String> {
        let mut environment = self.common.clone();
        if !with_copies {
            environment.remove("KEYS_TABLE");
        }
        environment
    }

    /// Whose tokens the functions take.
    pub(crate) fn issuer(&self) -> &str {
        self.idp.issuer()
    }

    /// The header of a request to the API: an application's access token.
    pub(crate) fn authorization(&self) -> String {
        format!("Bearer {}", self.idp.daemon_token())
    }

    /// The TLS in front of DynamoDB.
    ///
    /// # Errors
    /// When the backend has none.
    pub(crate) fn dynamodb_front(&self) -> Result<&Front> {
        self.fronts.get(1).context("DynamoDB is reached over plain HTTP")
    }

    /// Has the provider sign with a new key, as the tokens of [`request`](Self::request) then are.
    ///
    /// # Errors
    /// When no key can be made.
    pub(crate) fn rotate_keys(&self) -> Result<()> {
        self.idp.rotate_keys().context("no new key")?;
        Ok(())
    }

    /// A request that `function` answers with 200, or 302.
    pub(crate) fn request(&self, function: &str) -> Event {
        match function {
            "todos" | PEER => Event::get("/api/todos")
                .query("owner=ada10000-0000-4000-8000-000000001815")
                .header("authorization", &self.authorization()),
            "authorizer" | "direct" | "proxy" => {
                Event::get("/api/orders").header("authorization", &self.authorization())
            }
            "signin" => Event::get("/signin"),
            // No session has this `sid`, so this is one write.
            "callback" => Event::get("/frontchannel-logout")
                .query(&format!("iss={}&sid=unknown", self.issuer())),
            _ => Event::get("/"),
        }
    }
}

/// Sends a function its request, and gives the status of the answer.
///
/// # Errors
/// When it fails, or denies the request.
pub(crate) async fn ask(function: &mut Function, name: &str, request: Event) -> Result<u16> {
    if name == "authorizer" {
        let answer = function.authorize(request).await?;
        ensure!(answer["isAuthorized"] == true, "it denies the request");
        return Ok(200);
    }
    let answer = function.invoke(request).await?;
    ensure!(answer.status != 404 && answer.status < 500, "{answer:?}");
    Ok(answer.status)
}

/// Waits until a function asks for an event and there is none.
///
/// # Errors
/// When it does not in a time that is long for an init.
pub(crate) async fn ready(function: &Function) -> Result<()> {
    let ready = tokio::time::timeout(TIMEOUT, function.ready()).await;
    ready.context("a function asks for no event: it has ended, or hangs")
}
