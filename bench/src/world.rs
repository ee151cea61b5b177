//! What the functions find around them: provider and tables, with TLS or without.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use idp::Idp;
use local_dynamodb::LocalDynamoDb;
use on_lambda::{DOMAIN, Event, Function};
use tempfile::TempDir;

use crate::tls::{self, Certificates};

pub(crate) struct World {
    idp: Idp,
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
        let router = idp.router();
        // It ends with the program.
        tokio::spawn(async move { axum::serve(inside, router).await });
        certificates.in_front_of(outside, plain);

        let dynamodb = LocalDynamoDb::in_memory().await?;
        let mut common: HashMap<_, _> = dynamodb.environment().into_iter().collect();
        if with_tls {
            let listener = tls::listener().await?;
            let port = listener.local_addr()?.port();
            let endpoint = common["AWS_ENDPOINT_URL_DYNAMODB"].clone();
            let plain: SocketAddr = endpoint.trim_start_matches("http://").parse()?;
            certificates.in_front_of(listener, plain);
            let endpoint = format!("https://localhost:{port}");
            common.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint);
            let file = file.to_str().context("a path in UTF-8")?;
            common.insert("SSL_CERT_FILE".to_owned(), file.to_owned());
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
        ] {
            common.insert(name.to_owned(), value);
        }
        Ok(Self { idp, _dynamodb: dynamodb, common, _folder: folder })
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
        let mut environment = self.common.clone();
        if !with_copies {
            environment.remove("KEYS_TABLE");
        }
        Function::spawn(&functions.join(name), environment).await
    }

    /// A request that `function` answers with 200, or 302.
    pub(crate) fn request(&self, function: &str) -> Event {
        match function {
            "todos" => Event::get("/api/todos")
                .query("owner=ada10000-0000-4000-8000-000000001815")
                .header("authorization", &format!("Bearer {}", self.idp.daemon_token())),
            "signin" => Event::get("/signin"),
            _ => Event::get("/"),
        }
    }
}
