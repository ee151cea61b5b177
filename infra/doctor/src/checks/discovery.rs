//! The discovery document (OpenID Connect Discovery, section 4).

use auth::{ProviderConfig, is_safe_endpoint};
use reqwest::Client;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    Check, Code, Finding,
    http_client::{self, RequestError},
};

pub(crate) const NAME: &str = "discovery";

/// The document, of whatever issuer it is: the checks that follow look at it all the same.
pub(crate) type Document = Map<String, Value>;

/// Where the document is.
pub(crate) fn address(provider: &ProviderConfig) -> Url {
    let issuer = provider.issuer.as_str().trim_end_matches('/');
    let by_rule = || format!("{issuer}/.well-known/openid-configuration");
    let rule = || Url::parse(&by_rule()).expect("an issuer is an address without a query");
    provider.metadata_url.clone().unwrap_or_else(rule)
}

pub(crate) async fn check(provider: &ProviderConfig, http: &Client) -> (Option<Document>, Check) {
    let url = address(provider);
    let document = match fetch(&url, http).await {
        Ok(document) => document,
        Err(finding) => return (None, Check::of(NAME, "", vec![finding])),
    };
    let mut findings: Vec<Finding> = issuer(&document, provider).into_iter().collect();
    findings.extend(workforce(provider));
    findings.extend(endpoints(&document, &url));
    findings.extend(abilities(&document, provider));
    (Some(document), Check::of(NAME, "the document is there, and its issuer is ours", findings))
}

async fn fetch(url: &Url, http: &Client) -> Result<Document, Finding> {
    let answer = http_client::get(http, url).await.map_err(|why| unanswered(url, why))?;
    if !answer.status.is_success() {
        return Err(Finding::new(
            Code::DiscoveryStatus,
            format!("{url} answers {}", answer.status),
            "without the document no function knows the provider's keys and endpoints",
            "set OIDC_ISSUER to the issuer as the provider shows it (Entra: \
             https://{tenant-id}.ciamlogin.com/{tenant-id}/v2.0), or OIDC_METADATA_URL to where \
             the document is",
        ));
    }
    serde_json::from_str(&answer.body).map_err(|_| {
        let page = answer.body.trim_start().starts_with('<');
        let what = if page { "a web page" } else { "something that is not a JSON object" };
        Finding::new(
            Code::DiscoveryNotJson,
            format!("{url} answers with {what}"),
            "another server answers in place of the provider, such as a captive portal or a proxy",
            "open the address in a browser on this network; sign in at the portal or use another \
             network, or correct OIDC_METADATA_URL",
        )
    })
}

fn unanswered(url: &Url, why: RequestError) -> Finding {
    let host = url.host_str().unwrap_or_default();
    let (code, todo) = match why {
        RequestError::UnknownHost => (
            Code::ProviderUnknownHost,
            "correct the host in OIDC_ISSUER or OIDC_METADATA_URL; Entra: the tenant's id before \
             .ciamlogin.com (Entra admin center, Overview, Tenant ID)",
        ),
        RequestError::Tls => (
            Code::ProviderTls,
            "if a proxy of your company answers, set SSL_CERT_FILE to a PEM file with its root; \
             otherwise the provider must renew its certificate",
        ),
        RequestError::Unreachable => (
            Code::ProviderUnreachable,
            "look whether this machine has a network and a firewall lets port 443 through; on \
             AWS, a function in a VPC needs a NAT gateway",
        ),
    };
    Finding::new(code, format!("{host}: {why}"), "users cannot sign in, and no key is known", todo)
}

/// `issuer` must equal the configured one exactly (section 4.3).
fn issuer(document: &Document, provider: &ProviderConfig) -> Option<Finding> {
    let wanted = provider.issuer.as_str();
    let named = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if named == wanted {
        return None;
    }
    let seen = format!("OIDC_ISSUER is {wanted}, and the document says {named:?}");
    let why = "tokens carry what the document says, and every one of them would be refused";
    if named.trim_end_matches('/') == wanted.trim_end_matches('/') {
        let todo = format!("set OIDC_ISSUER={named}");
        return Some(Finding::new(Code::IssuerTrailingSlash, seen, why, todo));
    }
    if is_by_name(wanted, named) {
        return Some(Finding::new(
            Code::IssuerByName,
            seen,
            "the issuer-by-name trap: Entra External ID answers under the tenant's name, but its \
             issuer has the tenant id as host, and tokens carry that one",
            format!("set OIDC_ISSUER={named} and OIDC_METADATA_URL={}", address(provider)),
        ));
    }
    let todo = format!("if this is your provider, set OIDC_ISSUER={named}");
    Some(Finding::new(Code::IssuerMismatch, seen, why, todo))
}

/// Whether the issuer was built from a name of the tenant that the document calls by its id.
fn is_by_name(wanted: &str, named: &str) -> bool {
    let (Ok(wanted), Ok(named)) = (Url::parse(wanted), Url::parse(named)) else { return false };
    let tenant = |url: &Url| {
        let mut segments = url.path_segments()?;
        let tenant = segments.next()?.to_owned();
        (segments.next()? == "v2.0").then_some(tenant)
    };
    let (Some(asked), Some(id)) = (tenant(&wanted), tenant(&named)) else { return false };
    let host = named.host_str().unwrap_or_default();
    let id_is_host =
        host.split('.').next() == Some(&id) || host == "localhost" || host == "127.0.0.1";
    let ciam = |url: &Url| url.host_str().is_some_and(|host| host.ends_with(".ciamlogin.com"));
    let loopback = host == "localhost" || host == "127.0.0.1";
    // Either half may be a name: `contoso.ciamlogin.com/{id}`, `…/contoso.onmicrosoft.com`.
    id_is_host && ((ciam(&wanted) && ciam(&named)) || (loopback && asked != id))
}

fn workforce(provider: &ProviderConfig) -> Option<Finding> {
    let issuer = provider.issuer.as_str();
    issuer.starts_with("https://login.microsoftonline.com/").then(|| {
        Finding::new(
            Code::IssuerOfWorkforce,
            format!("OIDC_ISSUER is {issuer}"),
            "that is where employees sign in; customers of an external tenant have another \
             issuer, signed with other keys",
            "for an external tenant set \
             OIDC_ISSUER=https://{tenant-id}.ciamlogin.com/{tenant-id}/v2.0; for employees this \
             warning can be left",
        )
    })
}

fn endpoints(document: &Document, asked: &Url) -> Vec<Finding> {
    let unsafe_one = |name: &&str| {
        let url = document.get(*name).and_then(Value::as_str).and_then(|it| Url::parse(it).ok());
        let local = asked.scheme() == "http";
        !url.is_some_and(|url| is_safe_endpoint(&url) && (local || url.scheme() == "https"))
    };
    let finding = |name: &str| {
        Finding::new(
            Code::EndpointUnsafe,
            format!("the document's {name} is missing or not https"),
            "what goes there, or comes from there, could be read and changed on its way",
            "ask the provider's operator to publish https addresses",
        )
    };
    let names = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
    names.into_iter().filter(unsafe_one).map(finding).collect()
}

/// Lists that are left out promise nothing: Entra, for one, does S256 and does not say so.
fn abilities(document: &Document, provider: &ProviderConfig) -> Vec<Finding> {
    let lacks = |name: &str, wanted: &dyn Fn(&str) -> bool| {
        let list = document.get(name).and_then(Value::as_array);
        list.is_some_and(|list| !list.iter().filter_map(Value::as_str).any(wanted))
    };
    let mut findings = Vec::new();
    if lacks("response_types_supported", &|it| it == "code") {
        findings.push(Finding::new(
            Code::CodeFlowMissing,
            "response_types_supported has no `code`",
            "sign-in is by authorization code only",
            "enable the authorization code flow at the provider",
        ));
    }
    if lacks("code_challenge_methods_supported", &|it| it == "S256") {
        findings.push(Finding::new(
            Code::PkceMissing,
            "code_challenge_methods_supported has no S256",
            "a code that is stolen could be redeemed by the thief",
            "enable PKCE with S256 at the provider",
        ));
    }
    let accepted: Vec<String> = provider.algorithms.iter().map(ToString::to_string).collect();
    let signing = "id_token_signing_alg_values_supported";
    if lacks(signing, &|it| accepted.iter().any(|accepted| accepted == it)) {
        findings.push(Finding::new(
            Code::AlgorithmsDiffer,
            format!("{signing} has none of {}", accepted.join(" ")),
            "every token would be refused",
            "set OIDC_ALGORITHMS to what the provider signs with",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use ::settings::Environment;
    use auth::Issuer;
    use outbound::Outbound;
    use test_support::{Endpoint, MockResponse, ScriptedProvider};

    use super::*;

    fn http() -> Client {
        Outbound::from_environment(&Environment::default()).unwrap().http().clone()
    }

    async fn codes(issuer: &str) -> Vec<Code> {
        let config = ProviderConfig::new(Issuer::parse(issuer).unwrap());
        check(&config, &http()).await.1.findings().iter().map(|it| it.code).collect()
    }

    #[tokio::test]
    async fn each_broken_document_is_named() {
        for (member, value, code) in [
            ("issuer", "https://other.example", Code::IssuerMismatch),
            ("token_endpoint", "http://login.example/token", Code::EndpointUnsafe),
            ("response_types_supported", "id_token", Code::CodeFlowMissing),
            ("code_challenge_methods_supported", "plain", Code::PkceMissing),
            ("id_token_signing_alg_values_supported", "ES256", Code::AlgorithmsDiffer),
        ] {
            let provider = ScriptedProvider::entra();
            let mut document = provider.metadata();
            let list = member.ends_with("_supported");
            document[member] = if list { serde_json::json!([value]) } else { value.into() };
            provider.always(Endpoint::Discovery, MockResponse::json(&document));
            assert_eq!(codes(provider.issuer()).await, [code], "{member}");
        }
    }

    #[tokio::test]
    async fn a_good_document_has_no_finding() {
        assert_eq!(codes(ScriptedProvider::entra().issuer()).await, []);
    }

    #[tokio::test]
    async fn a_slash_a_page_and_an_absent_document_are_told_apart() {
        let provider = ScriptedProvider::start();
        let mut document = provider.metadata();
        document["issuer"] = format!("{}/", provider.issuer()).into();
        provider.next(Endpoint::Discovery, MockResponse::json(&document));
        assert_eq!(codes(provider.issuer()).await, [Code::IssuerTrailingSlash]);
        provider.next(Endpoint::Discovery, MockResponse::text("<html>Welcome to the hotel"));
        assert_eq!(codes(provider.issuer()).await, [Code::DiscoveryNotJson]);
        provider.next(Endpoint::Discovery, MockResponse::status(404));
        assert_eq!(codes(provider.issuer()).await, [Code::DiscoveryStatus]);
        let tls = provider.issuer().replace("http:", "https:");
        assert_eq!(codes(&tls).await, [Code::ProviderTls]);
        provider.stop().await;
        assert_eq!(codes(provider.issuer()).await, [Code::ProviderUnreachable]);
    }

    #[test]
    fn a_name_that_does_not_resolve_is_named() {
        let url = Url::parse("https://nobody.example/").unwrap();
        assert_eq!(unanswered(&url, RequestError::UnknownHost).code, Code::ProviderUnknownHost);
    }

    #[test]
    fn the_issuer_by_name_trap_is_answered_with_the_two_settings() {
        const ID: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
        let named = format!("https://{ID}.ciamlogin.com/{ID}/v2.0");
        let document: Document =
            [("issuer".to_owned(), named.clone().into())].into_iter().collect();
        for asked in [
            format!("https://contoso.ciamlogin.com/{ID}/v2.0"),
            "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0".to_owned(),
        ] {
            let config = ProviderConfig::new(Issuer::parse(&asked).unwrap());
            let finding = issuer(&document, &config).unwrap();
            assert_eq!(finding.code, Code::IssuerByName);
            assert!(finding.todo.contains(&format!("OIDC_ISSUER={named} ")), "{}", finding.todo);
            assert!(finding.todo.contains(&format!("OIDC_METADATA_URL={asked}/.well-known")));
        }
    }

    #[test]
    fn an_issuer_for_employees_is_named() {
        let text = "https://login.microsoftonline.com/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0";
        let config = ProviderConfig::new(Issuer::parse(text).unwrap());
        assert_eq!(workforce(&config).unwrap().code, Code::IssuerOfWorkforce);
    }
}
