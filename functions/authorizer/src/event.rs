use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{json, value::RawValue};
use serve::HttpApiEvent;

use crate::route;

/// What API Gateway asks an authorizer.
pub struct AuthorizerEvent {
    /// The request whose sender is to be judged.
    pub(crate) request: HttpApiEvent,
    /// The pattern of its route, for the log.
    pub(crate) route: String,
    /// Whether that route is one of the path that is judged.
    pub(crate) is_of_route: bool,
    pub(crate) answer: AnswerFormat,
}

/// How API Gateway wants the answer.
pub(crate) enum AnswerFormat {
    /// A simple response (payload format 2.0).
    Simple,
    /// An IAM policy for this method.
    Policy { method_arn: String },
}

/// The event of a REST API, or of an HTTP API with payload format 1.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestEvent {
    method_arn: String,
    resource: String,
    path: String,
    http_method: String,
    #[serde(default)]
    path_parameters: Option<BTreeMap<String, String>>,
    /// The last value of each header.
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    /// All values. An HTTP API does not send these.
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    request_context: RestContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestContext {
    #[serde(default)]
    domain_name: Option<String>,
}

impl<'de> Deserialize<'de> for AuthorizerEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Kind {
            #[serde(default)]
            version: Option<String>,
            #[serde(default)]
            route_key: String,
            #[serde(default)]
            raw_path: String,
            #[serde(default)]
            path_parameters: Option<BTreeMap<String, String>>,
        }

        let text = <&RawValue>::deserialize(deserializer)?.get();
        let kind: Kind = serde_json::from_str(text).map_err(D::Error::custom)?;
        if kind.version.as_deref() == Some("2.0") {
            let request = serde_json::from_str(text).map_err(D::Error::custom)?;
            let Kind { route_key: route, raw_path, path_parameters, .. } = kind;
            let pattern = route.split_once(' ').map_or(&*route, |(_method, pattern)| pattern);
            let parameters = path_parameters.unwrap_or_default();
            let is_of_route = route::is_of_path(pattern, &parameters, &raw_path);
            return Ok(Self { request, route, is_of_route, answer: AnswerFormat::Simple });
        }
        let event: RestEvent = serde_json::from_str(text).map_err(D::Error::custom)?;
        let request = event.as_http_api().map_err(D::Error::custom)?;
        let RestEvent { method_arn, http_method, resource, path, path_parameters, .. } = event;
        let parameters = path_parameters.unwrap_or_default();
        let is_of_route = route::is_of_path(&resource, &parameters, &path);
        let route = format!("{http_method} {resource}");
        Ok(Self { request, route, is_of_route, answer: AnswerFormat::Policy { method_arn } })
    }
}

impl RestEvent {
    /// The same request as an HTTP API has it, so that both are parsed in one place. Repeated
    /// headers are joined there: a second `Authorization` makes neither valid.
    ///
    /// A `%` of the path is taken for a character, as if the gateway had decoded the path: AWS
    /// does not say whether it does. The route policies deny it.
    fn as_http_api(&self) -> Result<HttpApiEvent, serde_json::Error> {
        let mut headers = BTreeMap::<String, Vec<&str>>::new();
        for (name, values) in self.multi_value_headers.iter().flatten() {
            let values = values.iter().map(String::as_str);
            headers.entry(name.to_ascii_lowercase()).or_default().extend(values);
        }
        if headers.is_empty() {
            for (name, value) in self.headers.iter().flatten() {
                headers.entry(name.to_ascii_lowercase()).or_default().push(value);
            }
        }
        let cookies = headers.remove("cookie").unwrap_or_default();
        let headers: BTreeMap<_, _> =
            headers.into_iter().map(|(name, values)| (name, values.join(","))).collect();
        let event = json!({
            "version": "2.0",
            "rawPath": self.path,
            "rawQueryString": "",
            "cookies": cookies,
            "headers": headers,
            "requestContext": {
                "domainName": self.request_context.domain_name,
                "stage": "$default",
                "http": { "method": self.http_method },
            },
        });
        serde_json::from_str(&event.to_string())
    }
}
