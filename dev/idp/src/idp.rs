//! The provider as its users see it: opened once, cloned freely.

use std::sync::Arc;

use axum::Router;

use crate::{
    apps::{
        CLIENTS, Credentials, DAEMON_CLIENT_ID, DEMO_USERS, DemoUser, ORDERS_CLIENT_ID,
        ORDERS_SCOPES, READER_CLIENT_ID, WEB_CLIENT_ID,
    },
    behavior::{ApiNames, Machines},
    config::{Config, OpenError},
    paths::CONTROL_PAGE,
    provider::Provider,
    routes, tokens,
};

/// The development provider. Clones share one state.
#[derive(Clone)]
pub struct Idp(Arc<Provider>);

impl Idp {
    /// Opens the provider: reads its data file, or makes keys, secrets and demo users for a new one.
    ///
    /// # Errors
    /// When `base_url` is not a loopback origin, or the data file cannot be read or written.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Provider::open(config)?)))
    }

    /// Everything the provider serves. Requests whose `Host` is not loopback are refused.
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.0))
    }

    /// The `iss` of its tokens; at Entra, `{base}/{tenant-id}/v2.0`.
    pub fn issuer(&self) -> &str {
        &self.0.tenant.issuer
    }

    /// The discovery document; at Entra under the tenant's name, with the issuer of its id.
    pub fn metadata_url(&self) -> &str {
        &self.0.tenant.metadata_url
    }

    /// Where sign-ins begin.
    pub fn authorization_endpoint(&self) -> String {
        self.0.tenant.url(self.0.behavior.paths.authorize)
    }

    /// Where codes, refresh tokens and client credentials are exchanged.
    pub fn token_endpoint(&self) -> &str {
        &self.0.tenant.token_endpoint
    }

    /// The page that lists users, apps and keys, rotates the keys, and links to each user's
    /// fault injection.
    pub fn control_page(&self) -> String {
        format!("{}{CONTROL_PAGE}", self.0.tenant.origin)
    }

    /// The web app's client id and secret.
    pub fn web_app(&self) -> Credentials {
        self.0.credentials(WEB_CLIENT_ID)
    }

    /// The daemon with each hierarchy's most powerful role, as `ToDoList.ReadWrite.All`.
    pub fn daemon(&self) -> Credentials {
        self.0.credentials(DAEMON_CLIENT_ID)
    }

    /// The daemon with each hierarchy's least powerful role, as `ToDoList.Read.All`.
    pub fn reader(&self) -> Credentials {
        self.0.credentials(READER_CLIENT_ID)
    }

    /// The API's delegated scopes by their full names, as `OIDC_SCOPES` lists them, in
    /// alphabetical order. A provider without APIs has none; there, `email` stands in, as the setting
    /// needs one.
    pub fn scopes(&self) -> Vec<String> {
        let api = &self.0.api;
        if api.names == ApiNames::None {
            return vec!["email".to_owned()];
        }
        let mut scopes: Vec<_> = permissions::all().map(|it| api.full_name(it.scope)).collect();
        scopes.sort_unstable();
        scopes
    }

    /// Whether clients can get tokens for themselves.
    pub fn has_machines(&self) -> bool {
        self.0.behavior.machines != Machines::None
    }

    /// The parameter with which a client asks for a token for itself: `scope`, or `audience` where
    /// the provider wants that.
    pub fn machine_request(&self, client: &Credentials) -> (&'static str, String) {
        let api = &self.0.api;
        match self.0.behavior.machines {
            Machines::DefaultScope => ("scope", api.full_name(".default")),
            Machines::Audience => ("audience", api.audience().unwrap_or_default().to_owned()),
            Machines::Scopes | Machines::RequiredScopes | Machines::None => {
                let roles = self.0.app(client.client_id).map(|app| app.roles.as_slice());
                let names = roles.unwrap_or_default().iter().map(|role| api.full_name(role));
                ("scope", names.collect::<Vec<_>>().join(" "))
            }
        }
    }

    /// The settings with which functions use this provider.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let (web_app, api) = (self.web_app(), &self.0.api);
        // Where a token has the client in place of an audience, these are the clients.
        let clients = || CLIENTS.join(" ");
        let audience = match api.names {
            ApiNames::None => web_app.client_id.to_owned(),
            _ => api.audience().map_or_else(clients, str::to_owned),
        };
        let mut settings = vec![
            ("OIDC_PROVIDER", self.0.behavior.like.to_owned()),
            ("OIDC_ISSUER", self.issuer().to_owned()),
            ("OIDC_CLIENT_ID", web_app.client_id.to_owned()),
            ("OIDC_CLIENT_SECRET", web_app.client_secret),
            ("OIDC_SCOPES", self.scopes().join(" ")),
            ("API_AUDIENCE", audience.clone()),
        ];
        if api.names == ApiNames::Registration {
            let scopes = ORDERS_SCOPES.map(|it| format!("scope=api://{ORDERS_CLIENT_ID}/{it}"));
            let orders = format!("orders audience={ORDERS_CLIENT_ID} {}", scopes.join(" "));
            settings.push(("OTHER_APIS", orders));
        }
        if self.0.behavior.api_needs_audience {
            settings.push(("OIDC_AUTHORIZATION_PARAMS", format!("audience={audience}")));
        }
        if api.names == ApiNames::None {
            // No access token has them.
            let scopes: Vec<_> = permissions::all().map(|it| it.scope).collect();
            settings.push(("API_SESSION_SCOPES", scopes.join(" ")));
        }
        for permission in permissions::all() {
            let (scope, role) = (permission.scope_setting.name, permission.role_setting.name);
            settings.push((scope, api.name_in_tokens(permission.scope)));
            settings.push((role, api.name_in_tokens(permission.role)));
        }
        settings
    }

    /// The users that exist from the start.
    pub fn demo_users(&self) -> &'static [DemoUser] {
        &DEMO_USERS
    }

    /// An access token of the daemon, as the token endpoint issues for its client credentials.
    ///
    /// # Panics
    /// When the provider [has no machine clients](Self::has_machines).
    pub fn daemon_token(&self) -> String {
        let app = self.0.app(DAEMON_CLIENT_ID).expect("a daemon is registered");
        tokens::app_access_token(&self.0, app, &app.roles)
    }

    /// Signs with a new key from now on and returns its `kid`. The previous key stays published;
    /// the one before it is dropped.
    ///
    /// # Errors
    /// When no key could be made or the data file could not be written.
    pub fn rotate_keys(&self) -> Result<String, OpenError> {
        self.0.rotate_keys()
    }
}
