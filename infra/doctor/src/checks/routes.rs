//! The route policies: what they say, and what no session can meet.

use ::settings::{Environment, OtherApi};
use route_policy::{Requirement, RoutePolicy};

use super::settings::value;
use crate::{Check, Code, Finding};

pub(crate) const NAME: &str = "routes";

pub(crate) fn check(environment: &Environment) -> Check {
    let Ok((policies, apis)) = gate::route_policies(environment) else {
        return Check::skipped(NAME, "ROUTE_POLICIES or OTHER_APIS is wrong: see settings");
    };
    if policies.iter().next().is_none() {
        let good = "there are none: authorizer and proxy deny everything";
        return Check::of(NAME, good, Vec::new());
    }
    let mut findings = Vec::new();
    for (method, pattern, policy) in policies.iter() {
        let route = format!("{method} {pattern}");
        match policy {
            RoutePolicy::Anonymous if method != "GET" => findings.push(open(&route)),
            RoutePolicy::Anonymous => {}
            RoutePolicy::Authenticated(required) => {
                let api = required.api.as_deref().and_then(|name| apis.get(name));
                findings.extend(unrequested(&route, required, api, environment));
            }
        }
    }
    let mut check = Check::of(NAME, "the policies, explained:", findings);
    check.rows = policies.to_string().lines().map(str::to_owned).collect();
    check
}

fn open(route: &str) -> Finding {
    Finding::new(
        Code::RouteOpen,
        format!("{route} is anonymous"),
        "anyone on the internet may use it, without a token, from any page",
        "give it a scope=… or a role=…, unless it is meant for everyone, such as a webhook that \
         checks a signature of its own",
    )
}

/// None of the scopes is one that sessions have. Names in a token lack Entra's `api://…/`.
fn unrequested(
    route: &str,
    required: &Requirement,
    api: Option<&OtherApi>,
    environment: &Environment,
) -> Option<Finding> {
    let list = |name| value(environment, name).unwrap_or_default().split_whitespace();
    let (setting, requested): (_, Vec<&str>) = match api {
        Some(api) => ("OTHER_APIS", api.scopes.iter().map(auth::Scope::as_str).collect()),
        None => ("OIDC_SCOPES", list("OIDC_SCOPES").chain(list("API_SESSION_SCOPES")).collect()),
    };
    let scopes = required.permissions.scopes();
    let is_requested = |name: &str| {
        requested.iter().any(|full| *full == name || full.ends_with(&format!("/{name}")))
    };
    if scopes.is_empty() || scopes.iter().any(|scope| is_requested(scope.as_str())) {
        return None;
    }
    let names: Vec<&str> = scopes.iter().map(auth::Scope::as_str).collect();
    Some(Finding::new(
        Code::RouteScopeUnrequested,
        format!("{route} needs {}, which no sign-in requests", names.join(" or ")),
        "a user of the page is refused; only other clients can have such tokens",
        format!("add the scope's full name to {setting}, or correct the policy"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(policies: &str) -> Vec<Code> {
        let check = check(&Environment::of([
            ("ROUTE_POLICIES", policies),
            ("OIDC_SCOPES", "api://one/Orders.Read"),
            ("OTHER_APIS", "bills audience=bills scope=Bills.Read"),
        ]));
        assert!(check.rows.last().unwrap().ends_with("denied"), "{:?}", check.rows);
        check.findings().iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_policy_that_is_open_or_that_no_session_meets_is_named() {
        for (policies, codes) in [
            ("GET /a anonymous", &[][..]),
            ("POST /a anonymous", &[Code::RouteOpen]),
            ("* /a anonymous", &[Code::RouteOpen]),
            ("GET /a scope=Orders.Read scope=Orders.Other", &[]),
            ("GET /a scope=Read", &[Code::RouteScopeUnrequested]),
            ("GET /a scope=Bills.Read", &[Code::RouteScopeUnrequested]),
            ("GET /a scope=Bills.Read api=bills", &[]),
            ("GET /a scope=Orders.Read api=bills", &[Code::RouteScopeUnrequested]),
            ("GET /a role=Orders.Read.All", &[]),
        ] {
            assert_eq!(found(policies), codes, "{policies}");
        }
    }
}
