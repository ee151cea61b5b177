//! How OpenID providers differ, as data: defaults for settings.

use std::{fmt, str::FromStr};

use url::{Url, form_urlencoded};

use crate::Setting;

/// What Tollgate knows about an OpenID provider: the values of the settings that are
/// [`by_profile`](Setting::by_profile), if they are not set. No other code asks for a
/// provider by name.
///
/// A profile grants nothing: it says what to ask the provider for and where its tokens have what
/// they must have.
#[derive(Debug)]
pub struct Profile {
    /// The value of `OIDC_PROVIDER`.
    pub name: &'static str,
    /// The provider's own name.
    pub title: &'static str,
    /// The issuers that select it without `OIDC_PROVIDER`, as people read them; empty if none does.
    pub issuers: &'static str,
    has_issuer: fn(host: &str, path: &str) -> bool,
    /// How its endpoints end, by their names in the metadata, if its issuer may be at any host.
    endpoints: &'static [(&'static str, &'static str)],
    /// What its settings need beyond what each function checks.
    pub needs: &'static [Need],
    /// Where its console has what the settings name.
    pub console: Console,
    /// What differs from [`GENERIC`]: the setting's name and the value. An empty value is none.
    values: &'static [(&'static str, &'static str)],
}

/// What a provider needs of a setting.
#[derive(Debug)]
pub struct Need {
    /// The setting's name.
    pub setting: &'static str,
    /// Judges its value, which is empty if there is none.
    pub is_met: fn(&str) -> bool,
    /// What happens otherwise.
    pub why: &'static str,
    /// What to set.
    pub todo: &'static str,
}

/// Where an administrator finds the registrations.
#[derive(Debug)]
pub struct Console {
    /// The web app's: client id, redirect URIs, consent.
    pub client: &'static str,
    /// The API's: audience and scopes.
    pub api: &'static str,
}

pub(crate) const PROVIDER: Setting = Setting::new(
    "OIDC_PROVIDER",
    "the provider's profile: `entra-external-id`, `entra-id`, `cognito`, `auth0`, `okta`, \
     `keycloak`, `google` or `generic`",
    "generic",
)
.optional("by `OIDC_ISSUER`, otherwise `generic`");

/// What the specifications say, for providers that Tollgate does not know.
pub const GENERIC: Profile = Profile {
    name: "generic",
    title: "any other OpenID provider",
    issuers: "",
    has_issuer: |_, _| false,
    endpoints: &[],
    needs: &[],
    console: Console {
        client: "the provider's registration of the web app",
        api: "the provider's registration of the API",
    },
    values: &[
        ("OIDC_BASE_SCOPES", "openid profile offline_access"),
        ("OIDC_SCOPES", ""),
        ("OIDC_AUTHORIZATION_PARAMS", ""),
        ("OIDC_REFRESH_SCOPES", "none"),
        ("OIDC_SIGN_IN_AGAIN_ERRORS", "invalid_grant"),
        ("OIDC_STEP_UP", "acr_values"),
        ("OIDC_SIGN_OUT", "end_session"),
        ("OIDC_FRONTCHANNEL_LOGOUT", "iss_sid"),
        ("API_AUDIENCE_CLAIM", "aud"),
        ("API_CLIENT_CLAIMS", "azp client_id"),
        ("API_OWNER_CLAIMS", "oid sub"),
        ("API_SCOPE_CLAIMS", "scp scope"),
        ("API_ROLE_CLAIMS", "roles"),
        ("API_APPLICATIONS_BY", "roles"),
    ],
};

/// Both kinds of Entra tenants.
const ENTRA: &[(&str, &str)] = &[
    // A refresh without scopes fails with AADSTS90009 if client and API share a registration.
    ("OIDC_REFRESH_SCOPES", "requested"),
    (
        "OIDC_SIGN_IN_AGAIN_ERRORS",
        "invalid_grant interaction_required consent_required login_required AADSTS90009",
    ),
    // Version 2 ID tokens have no acr: authentication contexts are requested and shown as acrs.
    ("OIDC_STEP_UP", "acrs"),
    // Without iss (mod_auth_openidc 855).
    ("OIDC_FRONTCHANNEL_LOGOUT", "sid"),
];

const ENTRA_ENDPOINTS: &[(&str, &str)] = &[("token_endpoint", "/oauth2/v2.0/token")];

const ENTRA_NEEDS: &[Need] = &[Need {
    setting: "OIDC_SCOPES",
    is_met: |scopes| all_scopes(scopes, |scope| scope.contains('/')),
    why: "a scope without its API is one of Microsoft Graph, which refuses it (AADSTS650053)",
    todo: "write each as api://{api-client-id}/{scope}",
}];

const ENTRA_CONSOLE: Console = Console {
    client: "Entra admin center, App registrations, the web app; or `cargo run -p entra -- apply`",
    api: "Entra admin center, App registrations, the API app, Expose an API; or `cargo run -p \
          entra -- apply`",
};

/// Whether all scopes are of this form, besides those of a provider itself.
fn all_scopes(scopes: &str, is_of_form: fn(&str) -> bool) -> bool {
    const OF_PROVIDERS: [&str; 7] = [
        "openid",
        "profile",
        "email",
        "address",
        "phone",
        "offline_access",
        "aws.cognito.signin.user.admin",
    ];
    scopes.split_whitespace().all(|scope| OF_PROVIDERS.contains(&scope) || is_of_form(scope))
}

/// All profiles.
pub const PROFILES: [&Profile; 8] = [
    &Profile {
        name: "entra-external-id",
        title: "Microsoft Entra External ID",
        issuers: "https://*.ciamlogin.com/",
        has_issuer: |host, _| host.ends_with(".ciamlogin.com"),
        endpoints: ENTRA_ENDPOINTS,
        needs: ENTRA_NEEDS,
        console: ENTRA_CONSOLE,
        values: ENTRA,
    },
    &Profile {
        name: "entra-id",
        title: "Microsoft Entra ID (workforce)",
        issuers: "https://login.microsoftonline.com/ and its national clouds",
        has_issuer: |host, _| {
            [
                "login.microsoftonline.com",
                "login.microsoftonline.us",
                "login.partner.microsoftonline.cn",
            ]
            .contains(&host)
        },
        endpoints: ENTRA_ENDPOINTS,
        needs: ENTRA_NEEDS,
        console: ENTRA_CONSOLE,
        values: ENTRA,
    },
    &Profile {
        name: "cognito",
        title: "Amazon Cognito",
        issuers: "https://cognito-idp.*.amazonaws.com/, https://issuer-cognito-idp.*.amazonaws.com/",
        has_issuer: |host, _| {
            host.strip_prefix("issuer-").unwrap_or(host).starts_with("cognito-idp.")
                && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))
        },
        endpoints: &[],
        needs: &[Need {
            setting: "OIDC_SCOPES",
            is_met: |scopes| all_scopes(scopes, |scope| scope.contains('/')),
            why: "a scope has the name of its resource server, and others are an invalid_scope",
            todo: "write each as {resource server}/{scope}",
        }],
        console: Console {
            client: "Amazon Cognito, the user pool, App clients, the client, Login pages",
            api: "Amazon Cognito, the user pool, Branding, Domain, Resource servers",
        },
        values: &[
            // offline_access is an invalid_scope; a refresh token comes without.
            ("OIDC_BASE_SCOPES", "openid profile"),
            ("OIDC_STEP_UP", "none"),
            ("OIDC_SIGN_OUT", "cognito"),
            ("OIDC_FRONTCHANNEL_LOGOUT", "none"),
            // Access tokens have no aud.
            ("API_AUDIENCE_CLAIM", "client_id"),
            ("API_CLIENT_CLAIMS", "client_id"),
            ("API_OWNER_CLAIMS", "sub"),
            ("API_SCOPE_CLAIMS", "scope"),
            // Applications have scopes and no roles.
            ("API_ROLE_CLAIMS", "scope"),
            ("API_APPLICATIONS_BY", "subject"),
        ],
    },
    &Profile {
        name: "auth0",
        title: "Auth0",
        issuers: "https://*.auth0.com/",
        has_issuer: |host, _| host.ends_with(".auth0.com"),
        endpoints: &[
            ("authorization_endpoint", "/authorize"),
            ("token_endpoint", "/oauth/token"),
            ("jwks_uri", "/.well-known/jwks.json"),
        ],
        needs: &[Need {
            setting: "OIDC_AUTHORIZATION_PARAMS",
            is_met: |params| {
                form_urlencoded::parse(params.as_bytes()).any(|(name, _)| name == "audience")
            },
            why: "without `audience`, access tokens are opaque and refused, unless the tenant has \
                  a default audience",
            todo: "set it to audience={the API's identifier}, percent-encoded",
        }],
        console: Console {
            client: "Auth0 dashboard, Applications, Applications, the web app",
            api: "Auth0 dashboard, Applications, APIs, the API",
        },
        values: &[
            ("OIDC_FRONTCHANNEL_LOGOUT", "none"),
            ("API_CLIENT_CLAIMS", "azp client_id"),
            ("API_OWNER_CLAIMS", "sub"),
            ("API_SCOPE_CLAIMS", "scope"),
            ("API_ROLE_CLAIMS", "permissions scope"),
            // The subject is {client_id}@clients.
            ("API_APPLICATIONS_BY", "subject"),
        ],
    },
    &Profile {
        name: "okta",
        title: "Okta, with a custom authorization server",
        issuers: "https://*.okta.com/ and the same under oktapreview.com, okta-emea.com, okta-gov.com \
                  and okta.mil",
        has_issuer: |host, _| {
            [".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil"]
                .iter()
                .any(|it| host.ends_with(it))
        },
        endpoints: &[("authorization_endpoint", "/v1/authorize"), ("token_endpoint", "/v1/token")],
        needs: &[Need {
            setting: "OIDC_ISSUER",
            is_met: |issuer| issuer.contains("/oauth2/"),
            why: "that is the org authorization server, whose access tokens are for Okta alone",
            todo: "set it to a custom server: https://{org}.okta.com/oauth2/{server-id}",
        }],
        console: Console {
            client: "Okta admin console, Applications, the web app",
            api: "Okta admin console, Security, API, Authorization Servers, the server",
        },
        values: &[
            ("API_CLIENT_CLAIMS", "cid"),
            // sub is a login, which can change hands.
            ("API_OWNER_CLAIMS", "uid"),
            ("API_SCOPE_CLAIMS", "scp"),
            ("API_ROLE_CLAIMS", "scp"),
            ("API_APPLICATIONS_BY", "subject"),
        ],
    },
    &Profile {
        name: "keycloak",
        title: "Keycloak",
        issuers: "https://*/realms/*",
        has_issuer: |_, path| {
            path.rsplit_once("/realms/").is_some_and(|(_, realm)| !realm.contains('/'))
        },
        endpoints: &[("token_endpoint", "/protocol/openid-connect/token")],
        needs: &[Need {
            setting: "OIDC_BASE_SCOPES",
            is_met: |scopes| scopes.split_whitespace().all(|scope| scope != "offline_access"),
            why: "offline_access makes sessions that outlive a sign-out at Keycloak",
            todo: "leave offline_access out: a refresh token comes without it",
        }],
        console: Console {
            client: "Keycloak admin console, Clients, the web app",
            api: "Keycloak admin console, Client scopes",
        },
        values: &[
            // offline_access makes sessions that outlive a sign-out at Keycloak; a refresh token
            // comes without.
            ("OIDC_BASE_SCOPES", "openid profile"),
            ("API_CLIENT_CLAIMS", "azp"),
            ("API_OWNER_CLAIMS", "sub"),
            ("API_SCOPE_CLAIMS", "scope"),
            ("API_ROLE_CLAIMS", "roles scope"),
            // The client scope service_account adds it to tokens of service accounts alone.
            ("API_APPLICATIONS_BY", "claim:clientAddress"),
        ],
    },
    &Profile {
        name: "google",
        title: "Google",
        issuers: "https://accounts.google.com",
        has_issuer: |host, _| host == "accounts.google.com",
        endpoints: &[],
        needs: &[
            Need {
                setting: "OIDC_SCOPES",
                is_met: |scopes| all_scopes(scopes, |scope| scope.starts_with("https://")),
                why: "Google has no scopes of your API: the request is refused (invalid_scope)",
                todo: "unset it, and set API_SESSION_SCOPES to the API's scopes",
            },
            Need {
                setting: "API_SESSION_SCOPES",
                is_met: |scopes| !scopes.is_empty(),
                why: "access tokens are for Google's own APIs, so sessions can do nothing",
                todo: "set it to the scopes that every session has, such as ToDoList.ReadWrite",
            },
        ],
        console: Console {
            client: "Google Auth Platform, Clients, the web app",
            api: "Google Auth Platform, Data Access",
        },
        values: &[
            ("OIDC_BASE_SCOPES", "openid profile email"),
            // There are no API scopes, so nothing is requested besides the base scopes.
            ("OIDC_SCOPES", "openid"),
            ("OIDC_AUTHORIZATION_PARAMS", "access_type=offline&prompt=consent"),
            ("OIDC_STEP_UP", "none"),
            ("OIDC_SIGN_OUT", "none"),
            ("OIDC_FRONTCHANNEL_LOGOUT", "none"),
            ("API_OWNER_CLAIMS", "sub"),
        ],
    },
    &GENERIC,
];

impl Profile {
    /// The profile of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.into_iter().find(|profile| profile.name == name)
    }

    /// The profile that this issuer selects.
    pub fn of_issuer(issuer: &str) -> &'static Self {
        let url = Url::parse(issuer).ok();
        let known = url.as_ref().and_then(|url| {
            let host = url.host_str()?;
            PROFILES.into_iter().find(|profile| (profile.has_issuer)(host, url.path()))
        });
        known.unwrap_or(&GENERIC)
    }

    /// The profile whose endpoints end like these, which the closure gives by their names in the
    /// metadata; `None` if there is none.
    pub fn of_endpoints<'a>(url: impl Fn(&str) -> Option<&'a str>) -> Option<&'static Self> {
        let ends = |(name, end): &(&str, &str)| url(name).is_some_and(|url| url.ends_with(end));
        let fits = |it: &&Self| !it.endpoints.is_empty() && it.endpoints.iter().all(ends);
        PROFILES.into_iter().find(fits)
    }

    /// The value of a setting that is [`by_profile`](Setting::by_profile); `None` if it has none.
    pub fn value(&self, setting: &str) -> Option<&'static str> {
        let find = |profile: &Self| {
            let mut values = profile.values.iter();
            values.find(|(name, _)| *name == setting).map(|(_, value)| *value)
        };
        find(self).or_else(|| find(&GENERIC)).filter(|value| !value.is_empty())
    }

    /// The settings of which a profile has values, with that of this profile.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
        GENERIC.values.iter().map(|(name, _)| (*name, self.value(name)))
    }
}

impl FromStr for &'static Profile {
    type Err = UnknownProfileError;

    fn from_str(name: &str) -> Result<Self, UnknownProfileError> {
        Profile::named(name).ok_or(UnknownProfileError)
    }
}

/// No profile has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownProfileError;

impl std::error::Error for UnknownProfileError {}

impl fmt::Display for UnknownProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = PROFILES.map(|profile| profile.name);
        write!(f, "it must be one of {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, IfUnset};

    #[test]
    fn the_issuer_selects_the_profile() {
        for (issuer, name) in [
            ("https://5f0f9c1e.ciamlogin.com/5f0f9c1e/v2.0", "entra-external-id"),
            ("https://login.microsoftonline.com/5f0f9c1e/v2.0", "entra-id"),
            ("https://login.microsoftonline.us/5f0f9c1e/v2.0", "entra-id"),
            ("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC", "cognito"),
            ("https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC", "cognito"),
            ("https://contoso.eu.auth0.com/", "auth0"),
            ("https://contoso.okta.com/oauth2/default", "okta"),
            ("https://contoso.oktapreview.com/oauth2/aus1", "okta"),
            ("https://contoso.okta-gov.com/oauth2/default", "okta"),
            ("https://contoso.okta.mil/oauth2/default", "okta"),
            ("https://sso.example.com/realms/todo", "keycloak"),
            ("https://sso.example.com/auth/realms/todo", "keycloak"),
            ("https://accounts.google.com", "google"),
            ("https://login.example", "generic"),
        ] {
            assert_eq!(Profile::of_issuer(issuer).name, name, "{issuer}");
        }
    }

    #[test]
    fn a_look_alike_issuer_is_generic() {
        for issuer in [
            "https://ciamlogin.com.example.com/t/v2.0",
            "https://evilciamlogin.com/t/v2.0",
            "https://accounts.google.com.example",
            "https://auth0.com.example/",
            "https://cognito-idp.eu-central-1.amazonaws.com.example/p",
            "https://sso.example.com/realms/todo/protocol",
            "not a URL",
        ] {
            assert_eq!(Profile::of_issuer(issuer).name, "generic", "{issuer}");
        }
    }

    #[test]
    fn every_profile_is_named_in_the_setting_s_summary_and_differs_in_known_settings() {
        for profile in PROFILES {
            assert!(PROVIDER.summary.contains(&format!("`{}`", profile.name)), "{}", profile.name);
            assert_eq!(Profile::named(profile.name).unwrap().name, profile.name);
            for (name, _) in profile.values {
                assert!(GENERIC.values.iter().any(|(known, _)| known == name), "{name}");
            }
        }
    }

    #[test]
    fn a_setting_overrides_the_profile_and_the_profile_the_specifications() {
        const SCOPES: Setting = Setting::new("OIDC_BASE_SCOPES", "", "openid").by_profile();
        let generic = Environment::of([("OIDC_ISSUER", "https://login.example.com")]);
        let google = generic.clone().with("OIDC_PROVIDER", "google");
        let set = google.clone().with("OIDC_BASE_SCOPES", "openid");
        let value = |environment: &Environment| environment.value(&SCOPES).unwrap().to_owned();
        assert_eq!(value(&generic), "openid profile offline_access");
        assert_eq!(value(&google), "openid profile email");
        assert_eq!(value(&google.with("OIDC_BASE_SCOPES", " ")), "openid profile email");
        assert_eq!(value(&set), "openid");
        assert_eq!(SCOPES.if_unset, IfUnset::ByProfile);
    }

    #[test]
    fn an_unknown_profile_is_an_error_that_lists_the_known() {
        let environment = Environment::of([
            ("OIDC_ISSUER", "https://login.example.com"),
            ("OIDC_PROVIDER", "entra"),
        ]);
        let error = crate::provider_config(&environment).unwrap_err();
        assert_eq!(error.names(), ["OIDC_PROVIDER"]);
        let error = error.to_string();
        assert!(
            error.contains("it must be one of entra-external-id, entra-id, cognito"),
            "{error}"
        );
    }
}
