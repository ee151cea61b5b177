//! How each registration should be, given how it is.

use settings::Profile;
use url::Url;

use crate::{
    Name, Origin, api_permission,
    graph::{
        Application, ImplicitGrant, OptionalClaim, OptionalClaims, RequiredResourceAccess,
        ResourceAccess, Settings,
    },
    part::Part,
};

/// Microsoft Graph, as a resource.
pub(crate) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Scopes of Microsoft Graph that stand for OpenID Connect's, by name and id.
const OPENID_SCOPES: [(&str, &str); 3] = [
    ("openid", "37f7f235-527c-4136-accd-4a02d197296e"),
    ("offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182"),
    ("profile", "14dad69e-099b-42c9-810b-d002981feec1"),
];

/// The profile of an external tenant.
pub(crate) const PROFILE: &str = "entra-external-id";

/// Those that the sign-in requests. Microsoft documents consent in an external tenant to `openid` and
/// `offline_access` alone.
pub(crate) fn openid_scopes() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let profile = Profile::named(PROFILE).expect("it has a profile");
    let requested = profile.value("OIDC_BASE_SCOPES").unwrap_or_default();
    OPENID_SCOPES.iter().filter(move |(name, _)| requested.split(' ').any(|it| it == *name))
}

/// Claims of the ID token that Entra sends on request only: `sid` is what a front-channel logout
/// names, `auth_time` says how fresh a sign-in is, `login_hint` tells the sign-out whom it is about.
const ID_TOKEN_CLAIMS: [&str; 3] = ["sid", "auth_time", "login_hint"];

/// `idtyp` tells an application's token from a user's.
const ACCESS_TOKEN_CLAIMS: [&str; 1] = ["idtyp"];

/// What the tenant is prepared for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) name: Name,
    /// Without it, the addresses of the web app stay as they are.
    pub(crate) public_url: Option<Origin>,
    pub(crate) also: Vec<Origin>,
    /// The API's addresses in its metadata (RFC 9728), for requests that name one (RFC 8707).
    pub(crate) resources: Vec<Url>,
    pub(crate) daemon: bool,
    pub(crate) new_credential: bool,
    pub(crate) web_certificate: bool,
}

impl Wanted {
    /// The parts to have.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        let daemon = self.daemon;
        Part::ALL.into_iter().filter(move |part| daemon || *part != Part::Daemon)
    }

    /// All that we set on a registration, on top of what is set there. What needs an id that is
    /// not known yet (our own, or the API's) is left out.
    pub(crate) fn settings(
        &self,
        part: Part,
        current: &Application,
        api: Option<&Application>,
    ) -> Settings {
        let sign_in_audience = Some("AzureADMyOrg".to_owned());
        let now = &current.settings;
        let claims = |part| claims(now.optional_claims.clone().unwrap_or_default(), part);
        let base = Settings { sign_in_audience, ..Settings::default() };
        match part {
            Part::Api => Settings {
                identifier_uris: identifier_uris(current),
                api: Some(api_settings(now)),
                app_roles: Some(app_roles(now)),
                optional_claims: Some(claims(Part::Api)),
                ..base
            },
            Part::Web => Settings {
                web: Some(self.web(now)),
                optional_claims: Some(claims(Part::Web)),
                required_resource_access: Some(required(now, part, api)),
                ..base
            },
            Part::Daemon => {
                Settings { required_resource_access: Some(required(now, part, api)), ..base }
            }
        }
    }

    /// Exactly our redirect URIs: one that was forgotten is where a code could be sent.
    fn web(&self, now: &Settings) -> crate::graph::Web {
        let now = now.web.clone().unwrap_or_default();
        let web =
            crate::graph::Web { implicit_grant_settings: Some(ImplicitGrant::default()), ..now };
        let Some(public_url) = &self.public_url else { return web };
        let origins = std::iter::once(public_url).chain(&self.also);
        let redirect_uris =
            origins.flat_map(|it| [it.at("/callback"), it.at("/signedout")]).collect();
        let logout_url = Some(public_url.at("/frontchannel-logout"));
        crate::graph::Web { logout_url, redirect_uris, ..web }
    }
}

/// `api://{appId}` among those that are there; the id is known only after the creation.
fn identifier_uris(current: &Application) -> Option<Vec<String>> {
    if current.app_id.is_empty() {
        return None;
    }
    let mut uris = current.settings.identifier_uris.clone().unwrap_or_default();
    let ours = format!("api://{}", current.app_id);
    if !uris.contains(&ours) {
        uris.push(ours);
    }
    Some(uris)
}

fn api_settings(now: &Settings) -> crate::graph::Api {
    let mut api = now.api.clone().unwrap_or_default();
    api.requested_access_token_version = Some(2);
    for permission in permissions::all() {
        api_permission::set_scope(&permission, &mut api.oauth2_permission_scopes);
    }
    api
}

fn app_roles(now: &Settings) -> Vec<crate::graph::AppRole> {
    let mut roles = now.app_roles.clone().unwrap_or_default();
    for permission in permissions::all() {
        api_permission::set_role(&permission, &mut roles);
    }
    roles
}

fn claims(mut all: OptionalClaims, part: Part) -> OptionalClaims {
    let (list, names) = match part {
        Part::Web => (&mut all.id_token, ID_TOKEN_CLAIMS.as_slice()),
        Part::Api | Part::Daemon => (&mut all.access_token, ACCESS_TOKEN_CLAIMS.as_slice()),
    };
    let list = list.get_or_insert_default();
    for name in names {
        if !list.iter().any(|it| it.name == *name) {
            list.push(OptionalClaim { name: (*name).to_owned(), ..OptionalClaim::default() });
        }
    }
    all
}

/// What a client asks for, beside what it asks for already.
fn required(now: &Settings, part: Part, api: Option<&Application>) -> Vec<RequiredResourceAccess> {
    let mut all = now.required_resource_access.clone().unwrap_or_default();
    let scope = |id: String| ResourceAccess { id, kind: "Scope".to_owned() };
    let role = |id: String| ResourceAccess { id, kind: "Role".to_owned() };
    if part == Part::Web {
        let scopes = openid_scopes().map(|(_, id)| scope((*id).to_owned()));
        ask(&mut all, GRAPH_APP_ID, scopes.collect());
    }
    if let Some(known) = api {
        let accesses = permissions::all().map(|it| match part {
            Part::Daemon => role(api_permission::role_id(&it, api)),
            Part::Api | Part::Web => scope(api_permission::scope_id(&it, api)),
        });
        ask(&mut all, &known.app_id, accesses.collect());
    }
    all
}

fn ask(all: &mut Vec<RequiredResourceAccess>, resource: &str, accesses: Vec<ResourceAccess>) {
    let at = all.iter().position(|it| it.resource_app_id == resource).unwrap_or_else(|| {
        let resource_app_id = resource.to_owned();
        all.push(RequiredResourceAccess { resource_app_id, resource_access: Vec::new() });
        all.len() - 1
    });
    let list = &mut all[at].resource_access;
    for access in accesses {
        if !list.contains(&access) {
            list.push(access);
        }
    }
}
