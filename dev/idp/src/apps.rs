//! The applications registered in the tenant, and the demo users.

use permissions::Permission;
use url::Url;

use crate::behavior::{Behavior, FrontChannel};

/// The client id of the API app: the `aud` of its access tokens, and part of its scopes' names.
pub const API_CLIENT_ID: &str = "11111111-aaaa-4aaa-8aaa-111111111111";

/// The client id of a second API, where APIs are registrations (Entra): an administrator has
/// consented to its scopes for the web app.
pub const ORDERS_CLIENT_ID: &str = "55555555-eeee-4eee-8eee-555555555555";
pub(crate) const ORDERS_SCOPES: [&str; 2] = ["Orders.Read", "Orders.ReadWrite"];

pub(crate) const WEB_CLIENT_ID: &str = "22222222-bbbb-4bbb-8bbb-222222222222";
pub(crate) const DAEMON_CLIENT_ID: &str = "33333333-cccc-4ccc-8ccc-333333333333";
pub(crate) const READER_CLIENT_ID: &str = "44444444-dddd-4ddd-8ddd-444444444444";

/// The clients that have a secret.
pub(crate) const CLIENTS: [&str; 3] = [WEB_CLIENT_ID, DAEMON_CLIENT_ID, READER_CLIENT_ID];

/// What a client authenticates with at the token endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The client id.
    pub client_id: &'static str,
    /// The client secret, generated once for each data file.
    pub client_secret: String,
}

/// A user that exists from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoUser {
    /// The address the user signs in with.
    pub username: &'static str,
    /// The password: the same for all of them, and public.
    pub password: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The `oid` of the user's tokens.
    pub object_id: &'static str,
}

pub(crate) const DEMO_USERS: [DemoUser; 2] = [
    DemoUser {
        username: "ada@example.com",
        password: "tollgate-dev",
        name: "Ada Lovelace",
        object_id: "ada10000-0000-4000-8000-000000001815",
    },
    DemoUser {
        username: "grace@example.com",
        password: "tollgate-dev",
        name: "Grace Hopper",
        object_id: "96ace000-0000-4000-8000-000000001906",
    },
];

/// A registered client.
#[derive(Default)]
pub(crate) struct App {
    pub(crate) client_id: &'static str,
    pub(crate) name: &'static str,
    /// The `oid` of its app-only tokens: the id of its service principal.
    pub(crate) object_id: &'static str,
    /// Where codes may be sent; compared as exact strings.
    pub(crate) redirect_uris: Vec<String>,
    /// Where a sign-out may redirect to; compared as exact strings.
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// Where logout tokens are posted (OpenID Connect Back-Channel Logout, section 2.2).
    pub(crate) backchannel_logout_uri: Option<String>,
    /// What is framed at sign-out (OpenID Connect Front-Channel Logout, section 2).
    pub(crate) frontchannel_logout_uri: Option<String>,
    /// The API's app roles that it was granted.
    pub(crate) roles: Vec<&'static str>,
    /// The same for the second API.
    pub(crate) orders_roles: Vec<&'static str>,
}

/// The registered clients, with the web app at this origin.
pub(crate) fn registered(web_origin: &Url, behavior: &Behavior) -> [App; 3] {
    let origin = web_origin.origin().ascii_serialization();
    [
        App {
            client_id: WEB_CLIENT_ID,
            name: settings::PRODUCT,
            object_id: "22222222-0b1e-4b1e-8b1e-222222222222",
            redirect_uris: vec![format!("{origin}/callback")],
            post_logout_redirect_uris: vec![format!("{origin}/signedout")],
            backchannel_logout_uri: behavior
                .back_channel
                .then(|| format!("{origin}/backchannel-logout")),
            frontchannel_logout_uri: (behavior.front_channel != FrontChannel::None)
                .then(|| format!("{origin}/frontchannel-logout")),
            ..App::default()
        },
        App {
            client_id: DAEMON_CLIENT_ID,
            name: "Daemon",
            object_id: "33333333-0b1e-4b1e-8b1e-333333333333",
            roles: one_role_of_each_hierarchy(<[Permission]>::last),
            orders_roles: vec!["Orders.ReadWrite.All"],
            ..App::default()
        },
        App {
            client_id: READER_CLIENT_ID,
            name: "Reader",
            object_id: "44444444-0b1e-4b1e-8b1e-444444444444",
            roles: one_role_of_each_hierarchy(<[Permission]>::first),
            orders_roles: vec!["Orders.Read.All"],
            ..App::default()
        },
    ]
}

fn one_role_of_each_hierarchy(
    choose: fn(&[Permission]) -> Option<&Permission>,
) -> Vec<&'static str> {
    permissions::HIERARCHIES.iter().filter_map(|all| choose(all)).map(|it| it.role).collect()
}
