use std::{fmt, time::Duration};

use auth::{AcrValues, Policy, Role, Scope};

/// What requests to a route require.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutePolicy {
    /// Nothing.
    Anonymous,
    /// A token or a session.
    Authenticated(Requirement),
}

/// What a caller needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The name of the API whose tokens the route takes (`OTHER_APIS`); `None` for the first.
    pub api: Option<String>,
    /// Scopes of users and roles of applications.
    pub permissions: Policy,
    /// How long ago a user may have signed in.
    pub max_age: Option<Duration>,
    /// How strongly a user must have signed in.
    pub acr_values: Option<AcrValues>,
}

/// A policy's words after method and pattern.
#[derive(Debug, Default)]
pub(crate) struct Words<'a> {
    anonymous: bool,
    api: Option<&'a str>,
    scopes: Vec<&'a str>,
    roles: Vec<&'a str>,
    max_age: Option<&'a str>,
    acr_values: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// Adds a word.
    ///
    /// # Errors
    /// When it is unknown or repeated.
    pub(crate) fn add(&mut self, word: &'a str) -> Result<(), String> {
        match word.split_once('=') {
            None if word == "anonymous" => self.anonymous = true,
            Some(("scope", name)) => self.scopes.push(name),
            Some(("role", name)) => self.roles.push(name),
            Some(("acr_values", value)) => self.acr_values.push(value),
            Some(("api", name)) if self.api.is_none() => self.api = Some(name),
            Some(("api", _)) => return Err("api is there twice".to_owned()),
            Some(("max_age", seconds)) if self.max_age.is_none() => self.max_age = Some(seconds),
            Some(("max_age", _)) => return Err("max_age is there twice".to_owned()),
            _ => {
                return Err(format!(
                    "`{word}` is unknown; write scope=…, role=…, api=…, max_age=…, acr_values=… or \
                     anonymous"
                ));
            }
        }
        Ok(())
    }

    /// What the words mean together.
    ///
    /// # Errors
    /// When they contradict each other, or require nothing.
    pub(crate) fn policy(self) -> Result<RoutePolicy, String> {
        let Self { anonymous, api, scopes, roles, max_age, acr_values } = self;
        let about_sign_in = max_age.is_some() || !acr_values.is_empty();
        if anonymous {
            return if scopes.is_empty() && roles.is_empty() && api.is_none() && !about_sign_in {
                Ok(RoutePolicy::Anonymous)
            } else {
                Err("anonymous and a requirement contradict each other".to_owned())
            };
        }
        if scopes.is_empty() && about_sign_in {
            return Err("max_age and acr_values are for users, who need a scope=…".to_owned());
        }
        let names = |error: auth::ConfigError| error.to_string();
        let scopes = scopes.into_iter().map(Scope::parse).collect::<Result<Vec<_>, _>>();
        let roles = roles.into_iter().map(Role::parse).collect::<Result<Vec<_>, _>>();
        let (scopes, roles) = (scopes.map_err(names)?, roles.map_err(names)?);
        if scopes.iter().any(|scope| roles.iter().any(|role| role.as_str() == scope.as_str())) {
            return Err("a scope and a role have the same name; a role, which opens every user's \
                        data, needs its own"
                .to_owned());
        }
        let permissions = match (scopes.is_empty(), roles.is_empty()) {
            (true, true) => {
                return Err("it requires nothing; write scope=…, role=… or anonymous".to_owned());
            }
            (false, true) => Policy::users_only(scopes),
            (true, false) => Policy::apps_only(roles),
            (false, false) => Policy::any_of(scopes, roles),
        };
        let acr_values = match &acr_values[..] {
            [] => None,
            values => Some(AcrValues::parse(&values.join(" ")).map_err(|it| it.to_string())?),
        };
        Ok(RoutePolicy::Authenticated(Requirement {
            api: api.map(str::to_owned),
            permissions: permissions.map_err(names)?,
            max_age: max_age.map(seconds).transpose()?,
            acr_values,
        }))
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u32>().ok().filter(|_| text.bytes().all(|it| it.is_ascii_digit()));
    let seconds = seconds.ok_or_else(|| format!("max_age is `{text}`, not a number of seconds"))?;
    Ok(Duration::from_secs(seconds.into()))
}

/// A row of the table: users, applications, sign-in.
impl fmt::Display for RoutePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Authenticated(Requirement { api, permissions, max_age, acr_values }) = self
        else {
            return f.write_str("anyone, without a token");
        };
        let or = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(" or ");
        let users = or(&mut permissions.scopes().iter().map(Scope::as_str));
        let applications = or(&mut permissions.roles().iter().map(Role::as_str));
        let mut separator = "";
        if !users.is_empty() {
            write!(f, "users with {users}")?;
            if let Some(age) = max_age {
                write!(f, ", signed in at most {} s ago", age.as_secs())?;
            }
            if let Some(values) = acr_values {
                write!(f, ", acr {}", or(&mut values.as_str().split(' ')))?;
            }
            separator = "; ";
        }
        if !applications.is_empty() {
            write!(f, "{separator}applications with {applications}")?;
        }
        if let Some(api) = api {
            write!(f, "; tokens of {api}")?;
        }
        Ok(())
    }
}
