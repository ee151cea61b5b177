use std::{collections::HashMap, sync::Arc};

use auth::Clock;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use local_aws::LocalDynamoDb;
use outbound::{Outbound, Timeouts};
use serde_json::{Map, json};
use session::{
    Device, SessionContents, SessionSecret, Sessions, SessionsConfig, SignIn, SystemRandom, UserKey,
};
use settings::Environment;

use crate::{LogCapture, ManualClock, ScriptedProvider, SigningKey, TokenBuilder, cookie_pair};

/// Where the functions under test are reached: `PUBLIC_URL`.
pub const ORIGIN: &str = "https://todos.example.com";

/// The settings of the API that the provider's access tokens are for, and of its permissions.
pub fn api_settings() -> impl Iterator<Item = (&'static str, &'static str)> {
    let permissions = permissions::all()
        .flat_map(|it| [(it.scope_setting.name, it.scope), (it.role_setting.name, it.role)]);
    [("API_AUDIENCE", "api")].into_iter().chain(permissions)
}

/// What the functions use: a provider, tables, a clock, and the settings that name them. Each test
/// has its own. What cannot start panics.
pub struct Backend {
    /// The provider.
    pub provider: ScriptedProvider,
    /// The tables of `template.yaml`.
    pub store: LocalDynamoDb,
    /// The clock of the functions.
    pub clock: Arc<ManualClock>,
    /// The settings of every function.
    pub environment: Environment,
    /// The HTTP client of the functions, without timeouts.
    pub outbound: Outbound,
    /// A client of the tables.
    pub dynamodb: Client,
    /// The sessions in the tables.
    pub sessions: Sessions,
}

impl Backend {
    /// Starts everything: this provider, which runs already, with empty tables.
    ///
    /// # Panics
    /// When no loopback port is free.
    pub async fn start(provider: ScriptedProvider, clock: ManualClock) -> Self {
        LogCapture::prepare();
        // Made now, and not while a function waits for the provider's keys, with a timeout.
        SigningKey::first();
        let store = LocalDynamoDb::in_memory().await.expect("an embedded DynamoDB starts");
        let environment = store
            .environment()
            .into_iter()
            .chain(provider.settings().map(|(name, value)| (name.to_owned(), value)))
            .chain(api_settings().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let environment = Environment::of(environment).with("PUBLIC_URL", ORIGIN);
        let outbound =
            Outbound::with_timeouts(&environment, Timeouts::NONE).expect("an HTTP client");
        let dynamodb = outbound.dynamodb(&environment).expect("the settings of the tables");
        let clock = Arc::new(clock);
        let config = SessionsConfig::from_environment(&environment).expect("valid settings");
        let sessions =
            Sessions::new(dynamodb.clone(), config, clock.clone(), Arc::new(SystemRandom));
        Self { provider, store, clock, environment, outbound, dynamodb, sessions }
    }

    /// Changes or adds settings of the functions that a test starts from now on.
    pub fn set<const N: usize>(&mut self, settings: [(&str, &str); N]) {
        for (name, value) in settings {
            self.environment = std::mem::take(&mut self.environment).with(name, value);
        }
    }

    /// Changes the timeouts of the functions that a test starts from now on. By default, there are
    /// none.
    ///
    /// # Panics
    /// When the certificates that the settings name cannot be read.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.outbound =
            Outbound::with_timeouts(&self.environment, timeouts).expect("an HTTP client");
    }

    /// Signs a user in, as `callback` does.
    ///
    /// # Panics
    /// When the tables are paused, or the user was signed out meanwhile.
    pub async fn open_session(&self, contents: &SessionContents, by: &SignIn) -> SessionSecret {
        let created = self.sessions.create(contents, by).await.expect("the tables answer");
        created.secret().expect("no sign-out came in between")
    }

    /// Opens a session that holds this access token, and returns its `Cookie` header.
    ///
    /// # Panics
    /// When the tables are paused.
    pub async fn session_with(&self, access_token: &str) -> String {
        let contents = SessionContents {
            access_token: access_token.into(),
            access_expires_at: None,
            obtained_at: self.clock.now(),
            refresh_token: None,
            id_token: "id".into(),
            claims: Map::new(),
            userinfo: Map::new(),
            scopes: None,
        };
        let sign_in = SignIn {
            user: UserKey::new("https://issuer.example", "ada"),
            provider_session: None,
            began_at: self.clock.now(),
            device: Device::default(),
        };
        cookie_pair(&self.open_session(&contents, &sign_in).await.set_cookie())
    }

    /// A valid access token of a user with this `oid`, in the making.
    pub fn user_token(&self, oid: &str) -> TokenBuilder {
        self.provider.access_token().claim("oid", oid).claim("sub", format!("{oid}-at-the-api"))
    }

    /// A valid access token of an application that acts for itself.
    pub fn app_token(&self, oid: &str, role: &str) -> String {
        let token = self.user_token(oid).without("scp");
        token.claim("roles", json!([role])).claim("idtyp", "app").signed()
    }

    /// Writes into the keys table as an attacker would who took over its writer: the provider's own
    /// keys, with metadata that names the endpoints of `attacker`.
    ///
    /// # Panics
    /// When the tables are paused.
    pub async fn plant_metadata(&self, attacker: &ScriptedProvider) {
        let (issuer, own) = (self.provider.issuer(), self.provider.metadata());
        let mut metadata = attacker.metadata();
        metadata["issuer"] = issuer.into();
        metadata["jwks_uri"] = own["jwks_uri"].clone();
        let keys = json!({ "keys": [SigningKey::first().jwk()] });
        let text = |text: String| AttributeValue::S(text);
        let now = AttributeValue::N(self.clock.seconds().to_string());
        let put = self
            .dynamodb
            .put_item()
            .table_name("KeysTable")
            .item("issuer", text(issuer.to_owned()))
            .item("fetched_at", now)
            .item("metadata", text(metadata.to_string()))
            .item("metadata_url", text(format!("{issuer}/.well-known/openid-configuration")))
            .item("keys", text(keys.to_string()))
            .item("keys_url", text(own["jwks_uri"].as_str().expect("an address").to_owned()));
        put.send().await.expect("the tables answer");
    }

    /// All rows of a table.
    ///
    /// # Panics
    /// When the tables are paused.
    pub async fn rows(&self, table: &str) -> Vec<HashMap<String, AttributeValue>> {
        let rows = self.dynamodb.scan().table_name(table).send().await;
        rows.expect("the tables answer").items.unwrap_or_default()
    }
}
