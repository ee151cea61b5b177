use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

use super::{injected_error::InjectedError, reply::Reply};

pub(crate) const TENANT_ID: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
pub(crate) const GRAPH_PRINCIPAL: &str = "00000000-0000-4000-8000-00000000000f";

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Value,
}

/// The tenant.
pub(crate) struct Directory {
    pub(crate) now: OffsetDateTime,
    /// Whether it is an external one.
    pub(crate) is_external: bool,
    /// A host for which the discovery document has the issuer of its own.
    pub(crate) own_issuer: &'static str,
    pub(crate) domains: Vec<&'static str>,
    pub(crate) applications: Vec<Value>,
    pub(crate) principals: Vec<Value>,
    pub(crate) grants: Vec<Value>,
    pub(crate) assignments: Vec<Value>,
    /// With the client ids of their applications under `applications`.
    pub(crate) flows: Vec<Value>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) faults: Vec<InjectedError>,
    /// A certificate that is added to the web app just before it is read alone.
    pub(crate) late_certificate: Option<Value>,
    /// How long an object is not found after it was made.
    pub(crate) lag: Duration,
    pub(crate) page: usize,
    /// Requests before this are throttled; each of them would be impolite.
    pub(crate) closed_until: Option<OffsetDateTime>,
    pub(crate) impolite: usize,
    /// Where the next page is said to be, instead of here.
    pub(crate) elsewhere: Option<&'static str>,
    /// What the token endpoint says before there is a token.
    pub(crate) login: Vec<&'static str>,
    /// Whether an administrator has consented to all permissions.
    pub(crate) consented: bool,
    /// How permissions of Graph were asked for, and which.
    pub(crate) asked: Vec<String>,
    numbers: u64,
}

impl Default for Directory {
    fn default() -> Self {
        let graph = json!({
            "id": GRAPH_PRINCIPAL,
            "appId": "00000003-0000-0000-c000-000000000000",
        });
        Self {
            now: datetime!(2026-03-01 12:00 UTC),
            is_external: true,
            own_issuer: "",
            domains: vec!["contoso.onmicrosoft.com"],
            applications: Vec::new(),
            principals: vec![graph],
            grants: Vec::new(),
            assignments: Vec::new(),
            flows: Vec::new(),
            sent: Vec::new(),
            faults: Vec::new(),
            late_certificate: None,
            lag: Duration::ZERO,
            page: 100,
            closed_until: None,
            impolite: 0,
            elsewhere: None,
            login: Vec::new(),
            consented: false,
            asked: Vec::new(),
            numbers: 0,
        }
    }
}

impl Directory {
    pub(crate) fn answer(&mut self, sent: &Sent, host: &str) -> Reply {
        self.sent.push(sent.clone());
        if self.closed_until.is_some_and(|until| self.now < until) {
            self.impolite += 1;
            return Reply::error(429, "TooManyRequests", "Too many requests.");
        }
        let struck = self.faults.iter_mut().find_map(|fault| fault.reply_to(sent));
        if let Some((reply, works)) = struck {
            self.closed_until = reply.retry_after().map(|wait| self.now + wait);
            if works {
                let _lost = self.work(sent, host);
            }
            return reply;
        }
        self.work(sent, host)
    }

    fn work(&mut self, sent: &Sent, host: &str) -> Reply {
        let path: Vec<&str> = sent.path.split('/').skip(1).collect();
        match path.as_slice() {
            ["organization"] => self.page_of(vec![self.organization()], sent, host),
            ["applications", rest @ ..] => self.applications(sent, rest, host),
            ["servicePrincipals" | "oauth2PermissionGrants", ..] => {
                self.principals(sent, &path, host)
            }
            ["identity", "authenticationEventsFlows", rest @ ..] => self.flows(sent, rest, host),
            _ => Reply::error(400, "BadRequest", "Resource not found for the segment."),
        }
    }

    fn organization(&self) -> Value {
        let domains = self
            .domains
            .iter()
            .map(|name| json!({ "name": name, "isInitial": *name == "contoso.onmicrosoft.com" }));
        json!({
            "id": TENANT_ID,
            "displayName": "Contoso",
            // As for any token with `User.Read`.
            "tenantType": null,
            "verifiedDomains": domains.collect::<Vec<_>>(),
        })
    }

    /// One page, and where the next one is.
    pub(super) fn page_of(&self, all: Vec<Value>, sent: &Sent, host: &str) -> Reply {
        let skip = sent.query.split('&').find_map(|it| it.strip_prefix("$skiptoken="));
        let skip: usize = skip.map_or(0, |it| it.parse().unwrap());
        let rest = all.len().saturating_sub(skip + self.page);
        let value: Vec<_> = all.into_iter().skip(skip).take(self.page).collect();
        let mut page = json!({ "value": value });
        if let Some(elsewhere) = self.elsewhere {
            page["@odata.nextLink"] = json!(format!("{elsewhere}/v1.0{}", sent.path));
            return Reply::ok(page);
        }
        if rest > 0 {
            let query = sent.query.split("&$skiptoken=").next().unwrap();
            let query = query.replace(' ', "%20");
            let next = skip + self.page;
            page["@odata.nextLink"] =
                json!(format!("{host}/v1.0{}?{query}&$skiptoken={next}", sent.path));
        }
        Reply::ok(page)
    }

    /// Gives an object an id and a time of birth.
    pub(super) fn born(&mut self, mut object: Value) -> Value {
        object["id"] = json!(self.new_id());
        object["born"] = json!(self.now.unix_timestamp());
        object
    }

    pub(super) fn new_id(&mut self) -> String {
        self.numbers += 1;
        format!("00000000-0000-4000-8000-{:012x}", 0x1000 + self.numbers)
    }

    /// Whether a replica has heard of it.
    pub(super) fn is_known(&self, object: &Value) -> bool {
        let born = object["born"].as_i64().unwrap_or_default();
        self.now.unix_timestamp() >= born + i64::try_from(self.lag.as_secs()).unwrap()
    }

    /// What was asked other than by reading.
    pub(crate) fn writes(&self) -> Vec<String> {
        let writes = self.sent.iter().filter(|it| it.method != Method::GET);
        writes.map(|it| format!("{} {}", it.method, it.path)).collect()
    }

    /// The registration of a part.
    pub(crate) fn part(&mut self, part: &str) -> &mut Value {
        let tag = json!(format!("tollgate-part:{part}"));
        let has = |it: &&mut Value| it["tags"].as_array().unwrap().contains(&tag);
        self.applications.iter_mut().find(has).unwrap()
    }
}

/// The value in a filter's quotes.
pub(super) fn filtered(query: &str) -> &str {
    query.split('\'').nth(1).unwrap()
}
