//! `GET /signin`: where it sends the browser, and with which cookie.

use std::collections::BTreeMap;

use ::settings::Environment;
use reqwest::Client;
use url::Url;

use super::at;
use crate::{
    Code, Finding,
    http_client::{self, HttpResponse},
};

pub(super) async fn signin(url: &Url, environment: &Environment, http: &Client) -> Vec<Finding> {
    let asked = at(url, "/signin");
    let Ok(answer) = http_client::get(http, &asked).await else { return vec![] };
    let Some(to) = answer.location(&asked).filter(|_| answer.status.as_u16() == 302) else {
        return vec![broken(format!("GET /signin answers {}", answer.status))];
    };
    let mut findings = cookies(&answer);
    // The request is pushed from there (RFC 9126); what is in it cannot be seen.
    if to.origin() == url.origin() && to.path() == "/signin/pushed" {
        return findings;
    }
    let query: BTreeMap<String, String> = to.query_pairs().into_owned().collect();
    let of = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    for name in ["state", "nonce", "code_challenge"] {
        if of(name).is_empty() {
            findings.push(broken(format!("GET /signin sends no {name} to the provider")));
        }
    }
    if of("code_challenge_method") != "S256" {
        findings.push(broken("GET /signin sends no PKCE with S256".to_owned()));
    }
    let callback = at(url, "/callback");
    if of("redirect_uri") != callback.as_str() {
        findings.push(Finding::new(
            Code::SigninRedirectUri,
            format!("redirect_uri is {:?}, not {callback}", of("redirect_uri")),
            "the browser comes back to another origin, where its cookie is not",
            format!("deploy with the parameter PublicUrl={}", url.origin().ascii_serialization()),
        ));
    }
    let client = environment.text("OIDC_CLIENT_ID").unwrap_or_default();
    if !client.is_empty() && of("client_id") != client {
        findings.push(Finding::new(
            Code::SigninClient,
            format!("client_id is {:?}, and OIDC_CLIENT_ID is {client}", of("client_id")),
            "the deployment was made with other settings than these",
            "deploy again with these parameters, or give doctor the deployment's",
        ));
    }
    findings
}

fn broken(seen: String) -> Finding {
    let why = "users cannot sign in safely";
    let todo = "look in the log of the function `signin`, and whether the HTTP API's routes are \
                those of template.yaml";
    Finding::new(Code::SigninBroken, seen, why, todo)
}

fn cookies(answer: &HttpResponse) -> Vec<Finding> {
    let all = answer.headers.get_all("set-cookie").iter().filter_map(|it| it.to_str().ok());
    let set: Vec<&str> = all.filter(|cookie| !cookie.contains("Max-Age=0")).collect();
    if set.is_empty() {
        return vec![hygiene("GET /signin sets no cookie".to_owned())];
    }
    set.into_iter().filter_map(cookie).collect()
}

/// The name is shown and the value never: it is the attempt's secret.
fn cookie(text: &str) -> Option<Finding> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.split('=').next()?;
    let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    let mut faults = Vec::new();
    if !name.starts_with("__Host-") {
        faults.push("the prefix __Host-");
    }
    for wanted in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        if !attributes.contains(&wanted.to_ascii_lowercase()) {
            faults.push(wanted);
        }
    }
    let domain = attributes.iter().any(|it| it.starts_with("domain"));
    if domain {
        faults.push("no Domain, but has one");
    }
    (!faults.is_empty()).then(|| hygiene(format!("the cookie {name} lacks: {}", faults.join(", "))))
}

fn hygiene(seen: String) -> Finding {
    let why = "another site or another subdomain could read, set or send it";
    let todo = "look at what stands before the functions: it must pass Set-Cookie on unchanged";
    Finding::new(Code::CookieHygiene, seen, why, todo)
}

pub(super) async fn host(url: &Url, http: &Client) -> Option<Finding> {
    const FOREIGN: &str = "doctor.invalid";
    let request = http.get(at(url, "/signin")).header("host", FOREIGN);
    let answer = http_client::send(request).await.ok()?;
    let location = answer.header("location")?;
    location.contains(FOREIGN).then(|| {
        Finding::new(
            Code::HostReflected,
            format!("GET /signin with Host: {FOREIGN} redirects with that name in it"),
            "the sender of the request would decide where codes go",
            format!("deploy with the parameter PublicUrl={}", url.origin().ascii_serialization()),
        )
    })
}
