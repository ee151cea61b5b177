//! What the functions find around them: provider and tables, with TLS or without.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::routing::post;
use idp::Idp;
use local_dynamodb::LocalDynamoDb;
use on_lambda::{DOMAIN, Event, Function, Ledger};
use tempfile::TempDir;

use crate::functions::{Functions, PEER};
use crate::tls::{self, Certificates};

const DYNAMODB: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// As long as Lambda gives an init, doubled for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whose todos are asked for.
pub(crate) const OWNER: &str = "ada10000-0000-4000-8000-000000001815";

pub(crate) struct World {
    idp: Idp,
    /// How often the provider was asked for something.
    asked: Arc<AtomicU64>,
    certificates: Certificates,
    /// Serves for as long as it is held.
    _dynamodb: LocalDynamoDb,
    /// The variables that all functions have in common.
    common: HashMap<String, String>,
    /// Of the certificate.
    _folder: TempDir,
}

impl World {
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
        let asked = Arc::<AtomicU64>::default();
        let counter = asked.clone();
        let router = idp.router().layer(from_fn(move |request: Request, next: Next| {
            counter.fetch_add(1, Ordering::Relaxed);
            next.run(request)
        }));
        // It ends with the program.
        tokio::spawn(async move { axum::serve(inside, router).await });
        certificates.in_front_of(outside, plain);

        let dynamodb = LocalDynamoDb::in_memory().await?;
        let mut common: HashMap<_, _> = dynamodb.environment().into_iter().collect();
        if with_tls {
            let listener = tls::listener().await?;
            let port = listener.local_addr()?.port();
            let endpoint = common[DYNAMODB].clone();
            let plain: SocketAddr = endpoint.trim_start_matches("http://").parse()?;
            certificates.in_front_of(listener, plain);
            let endpoint = format!("https://localhost:{port}");
            common.insert(DYNAMODB.to_owned(), endpoint);
            let file = file.to_str().context("a path in UTF-8")?;
            for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
                common.insert(name.to_owned(), file.to_owned());
            }
        }
        for (name, value) in [
            ("OIDC_ISSUER", idp.issuer().to_owned()),
            ("OIDC_CLIENT_ID", idp.web_app().client_id.to_owned()),
            ("OIDC_SCOPES", idp.scopes().join(" ")),
            ("API_AUDIENCE", idp::API_CLIENT_ID.to_owned()),
            ("TODOS_READ_SCOPE", "ToDoList.Read".to_owned()),
            ("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite".to_owned()),
            ("TODOS_READ_ROLE", "ToDoList.Read.All".to_owned()),
            ("TODOS_WRITE_ROLE", "ToDoList.ReadWrite.All".to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", "bench".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
            ("NODE_ENV", "production".to_owned()),
            // As template.yaml has it.
            ("MALLOC_ARENA_MAX", "1".to_owned()),
        ] {
            common.insert(name.to_owned(), value);
        }
        Ok(Self { idp, asked, certificates, _dynamodb: dynamodb, common, _folder: folder })
    }

    /// How often the provider was asked so far.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Closes every TLS connection to provider and tables, at their end.
    pub(crate) fn close_connections(&self) {
        self.certificates.close_all();
    }

    /// How many connections were closed that way.
    pub(crate) fn closed(&self) -> u64 {
        self.certificates.closed()
    }

    /// The provider signs with another key from now on.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub(crate) fn rotate_keys(&self) -> Result<()> {
        self.idp.rotate_keys()?;
        Ok(())
    }

    /// A token that lets an application read everybody's todos.
    pub(crate) fn token(&self) -> String {
        self.idp.daemon_token()
    }

    /// Puts something between the functions and the tables.
    ///
    /// # Errors
    /// When no port can be had.
    pub(crate) async fn keep_account(&mut self) -> Result<Ledger> {
        let ledger = Ledger::in_front_of(&self.common[DYNAMODB]).await?;
        self.common.insert(DYNAMODB.to_owned(), ledger.address().to_owned());
        Ok(ledger)
    }

    /// A Lambda that runs `keys` when it is asked to, each time in a new instance.
    ///
    /// # Errors
    /// When no port can be had.
    pub(crate) async fn wake_keys(&mut self, functions: &Functions) -> Result<()> {
        let ((binary, _), environment) = (functions.program("keys"), self.common.clone());
        let invoke = post(async move || {
            tokio::spawn(async move {
                let mut keys = Function::spawn(&binary, environment).await?;
                keys.run().await
            });
            StatusCode::ACCEPTED
        });
        let router = Router::new().route("/2015-03-31/functions/{name}/invocations", invoke);
        let listener = tls::listener().await?;
        let address = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        self.common.insert("AWS_ENDPOINT_URL_LAMBDA".to_owned(), address);
        self.common.insert("KEYS_FUNCTION".to_owned(), "keys".to_owned());
        Ok(())
    }

    /// Starts a function. `KEYS_TABLE` is set where copies of keys are asked for.
    ///
    /// # Errors
    /// When its binary is not there.
    pub(crate) async fn function(
        &self,
        functions: &Functions,
        name: &str,
        with_copies: bool,
    ) -> Result<Function> {
        let mut environment = self.common.clone();
        if !with_copies {
            environment.remove("KEYS_TABLE");
            environment.remove("KEYS_FUNCTION");
        }
        let (program, script) = functions.program(name);
        let script: Vec<_> = script.into_iter().map(Path::as_os_str).collect();
        Function::spawn_with(&program, &script, environment).await
    }

    /// A request that `function` answers with 200, or 302.
    pub(crate) fn request(&self, function: &str) -> Event {
        match function {
            "todos" | PEER => list(&self.token()),
            "signin" => Event::get("/signin"),
            _ => Event::get("/"),
        }
    }
}

/// A request for the first todos of an owner, by an application.
pub(crate) fn list(token: &str) -> Event {
    Event::get("/api/todos")
        .query(&format!("owner={OWNER}"))
        .header("authorization", &format!("Bearer {token}"))
}

/// Waits until a function asks for an event and there is none.
///
/// # Errors
/// When it does not, in the time that Lambda would give it.
pub(crate) async fn ready(function: &Function) -> Result<()> {
    let ready = tokio::time::timeout(PATIENCE, function.ready()).await;
    ready.context("a function asks for no event: it has ended, or hangs")
}
