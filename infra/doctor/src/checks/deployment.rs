//! A deployment, as a browser and a client of the API see it.

mod sign_in;

use ::settings::Environment;
use auth::Issuer;
use reqwest::Client;
use serde_json::Value;
use url::Url;

use crate::{
    Check, Code, Finding,
    http_client::{self, HttpResponse},
};

pub(crate) const NAME: &str = "deployment";

pub(crate) async fn check(
    url: &Url,
    environment: &Environment,
    has_todos: bool,
    http: &Client,
) -> Check {
    let page = match http_client::get(http, url).await {
        Ok(page) => page,
        Err(why) => {
            let seen = format!("{url}: {why}");
            let todo = "compare the address with the stack's output Url, and look at the DNS \
                        record and certificate of its domain";
            let finding =
                Finding::new(Code::DeploymentUnreachable, seen, "users cannot reach it", todo);
            return Check::of(NAME, "", vec![finding]);
        }
    };
    let mut findings = headers(url, &page);
    findings.extend(plain(url, http).await);
    findings.extend(sign_in::signin(url, environment, http).await);
    findings.extend(sign_in::host(url, http).await);
    findings.extend(session(url, http).await);
    if has_todos {
        findings.extend(api(url, http).await);
        findings.extend(resource(url, environment, http).await);
    } else {
        findings.extend(denied(url, http).await);
    }
    findings.extend(cors(url, http).await);
    Check::of(NAME, "headers, cookies, sign-in, session and API answer as they should", findings)
}

fn at(url: &Url, path: &str) -> Url {
    url.join(path).expect("a path of ours joins an origin")
}

fn headers(url: &Url, page: &HttpResponse) -> Vec<Finding> {
    let mut wanted =
        vec![("content-security-policy", "frame-ancestors"), ("x-content-type-options", "nosniff")];
    if url.scheme() == "https" {
        wanted.push(("strict-transport-security", "max-age="));
    }
    let lacks =
        |(name, part): &(&str, &str)| !page.header(name).is_some_and(|it| it.contains(part));
    let missing = wanted.into_iter().filter(lacks).map(|(name, part)| {
        Finding::new(
            Code::HeaderMissing,
            format!("GET / has no {name} with {part}"),
            "the browser does not protect the page as the functions ask it to",
            "look at what stands before the functions (a CDN, a proxy): it must pass headers on",
        )
    });
    let server = ["server", "x-powered-by"].into_iter().filter_map(|name| {
        let value = page.header(name).filter(|value| value.contains('/'))?;
        Some(Finding::new(
            Code::HeaderServer,
            format!("GET / says {name}: {value}"),
            "a version tells attackers which holes to try",
            format!("take the header {name} out where it is added, before the functions"),
        ))
    });
    missing.chain(server).collect()
}

/// Without TLS there may be a redirect to it, or nothing.
async fn plain(url: &Url, http: &Client) -> Option<Finding> {
    let mut plain = url.clone();
    (url.scheme() == "https" && plain.set_scheme("http").is_ok() && url.port().is_none())
        .then_some(())?;
    let answer = http_client::get(http, &plain).await.ok()?;
    plain_answer(&plain, &answer)
}

fn plain_answer(plain: &Url, answer: &HttpResponse) -> Option<Finding> {
    let secured = answer.location(plain).is_some_and(|to| to.scheme() == "https");
    let open = !secured && !answer.status.is_client_error() && !answer.status.is_server_error();
    open.then(|| {
        Finding::new(
            Code::PlainHttp,
            format!("{plain} answers {}", answer.status),
            "an attacker on the network can read and change the page",
            "redirect http to https, or close port 80, where the domain points to",
        )
    })
}

async fn session(url: &Url, http: &Client) -> Option<Finding> {
    let answer = http_client::get(http, &at(url, "/session")).await.ok()?;
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let nobody = body.get("user").is_some_and(Value::is_null);
    let kept = !answer.header("cache-control").is_some_and(|it| it.contains("no-store"));
    (!nobody || kept).then(|| {
        let what =
            if nobody { "without Cache-Control: no-store" } else { "without {\"user\":null}" };
        Finding::new(
            Code::SessionAnswer,
            format!("GET /session answers {} {what}", answer.status),
            "the page cannot tell who is signed in, or a cache shows one user to another",
            "look in the log of the function `web`, and whether a CDN caches /session",
        )
    })
}

async fn api(url: &Url, http: &Client) -> Option<Finding> {
    let answer = http_client::get(http, &at(url, "/api/todos")).await.ok()?;
    if answer.status.as_u16() != 401 {
        return Some(Finding::new(
            Code::ApiOpen,
            format!("GET /api/todos without credentials answers {}, not 401", answer.status),
            "either the API is open, or it is not there",
            "look in the log of the function `todos`, and whether the route leads to it",
        ));
    }
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    (!challenge.contains("resource_metadata=")).then(|| {
        Finding::new(
            Code::ApiChallenge,
            "the 401 of GET /api/todos has no WWW-Authenticate with resource_metadata",
            "clients cannot find out where to get a token (RFC 9728, section 5.1)",
            "look at what stands before the functions: it must pass WWW-Authenticate on",
        )
    })
}

/// Without todos, nothing is known of the API but that it denies what no policy names.
async fn denied(url: &Url, http: &Client) -> Option<Finding> {
    let answer = http_client::get(http, &at(url, "/api/doctor-asks-for-nothing")).await.ok()?;
    (!answer.status.is_client_error()).then(|| {
        Finding::new(
            Code::ApiOpen,
            format!("GET /api/doctor-asks-for-nothing answers {}", answer.status),
            "a route that no policy names must be denied",
            "look at the routes of your functions and the parameter RoutePolicies",
        )
    })
}

/// The issuer whose tokens a deployment takes, as it says itself (RFC 9728).
pub(crate) async fn issuer(url: &Url, http: &Client) -> Option<String> {
    let document = metadata(url, http).await?;
    Some(document["authorization_servers"].get(0)?.as_str()?.to_owned())
}

async fn metadata(url: &Url, http: &Client) -> Option<Value> {
    let answer =
        http_client::get(http, &at(url, "/.well-known/oauth-protected-resource")).await.ok()?;
    Some(serde_json::from_str(&answer.body).unwrap_or_default())
}

async fn resource(url: &Url, environment: &Environment, http: &Client) -> Option<Finding> {
    let document = metadata(url, http).await?;
    let origin = url.origin().ascii_serialization();
    let named = document.get("resource").and_then(Value::as_str).unwrap_or_default();
    let servers = document.get("authorization_servers").and_then(Value::as_array);
    // One that is invalid may have a password in it.
    let issuer = environment.text("OIDC_ISSUER").filter(|text| Issuer::parse(text).is_ok());
    let ours = |issuer| servers.is_some_and(|all| all.iter().any(|it| it.as_str() == Some(issuer)));
    let seen = if named != origin {
        format!("`resource` is {named:?}, not {origin}")
    } else if let Some(issuer) = issuer.filter(|issuer| !ours(issuer)) {
        format!("`authorization_servers` does not name {issuer}")
    } else {
        return None;
    };
    Some(Finding::new(
        Code::ResourceMismatch,
        seen,
        "clients get tokens for another address, or from another provider (RFC 9728, section 3.3)",
        format!("deploy with PublicUrl={origin} and the Issuer of these settings"),
    ))
}

async fn cors(url: &Url, http: &Client) -> Option<Finding> {
    const FOREIGN: &str = "https://doctor.invalid";
    let request = http.get(at(url, "/session")).header("origin", FOREIGN);
    let answer = http_client::send(request).await.ok()?;
    let origin = answer.header("access-control-allow-origin").unwrap_or("none");
    let credentials = answer.header("access-control-allow-credentials").is_some();
    (credentials || origin == "*" || origin == FOREIGN).then(|| {
        let with = if credentials { " with credentials" } else { "" };
        Finding::new(
            Code::CorsOpen,
            format!("GET /session from {FOREIGN}: the allowed origin is {origin}{with}"),
            "other sites that a user visits could call the API, and with credentials read the session",
            "name the origins that may call in the parameter CorsOrigins, never *",
        )
    })
}

#[cfg(test)]
mod tests;
