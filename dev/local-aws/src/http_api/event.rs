use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::format_description};

/// A request, from which an event is made.
#[derive(Debug, Clone)]
pub struct HttpApiRequest<'a> {
    /// The key of its route: `GET /session` or `$default`.
    pub route_key: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its path, percent-decoded: see [`decoded_path`].
    pub path: &'a str,
    /// Its query as it was sent, without `?`.
    pub query: &'a str,
    /// `HTTP/1.1` or another version.
    pub protocol: &'a str,
    /// Its headers as they were sent, `cookie` among them.
    pub headers: Vec<(&'a str, String)>,
    /// Its body, and whether it is text.
    pub body: Option<(&'a [u8], bool)>,
    /// The path variables, as they were sent.
    pub path_parameters: Vec<(String, String)>,
    /// Where its connection comes from.
    pub source_ip: &'a str,
    /// The host under which the API is reached.
    pub domain_name: &'a str,
    /// `https`, and `http` on a developer's machine.
    pub scheme: &'a str,
    /// The port under which the API is reached.
    pub port: u16,
    /// The id that the response names, too.
    pub request_id: &'a str,
}

/// Headers of the connection to the gateway, which end there (RFC 9110, section 7.6.1).
pub(super) const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl HttpApiRequest<'_> {
    /// The event of payload format 2.0.
    pub fn into_event(self) -> Value {
        let now = SystemTime::now();
        let headers = self.joined_headers();
        let user_agent = headers.get("user-agent").cloned().unwrap_or_default();
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route_key,
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api-id",
                "domainName": self.domain_name,
                "domainPrefix": self.domain_name.split('.').next(),
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": self.protocol,
                    "sourceIp": self.source_ip,
                    "userAgent": user_agent,
                },
                "requestId": self.request_id,
                "routeKey": self.route_key,
                "stage": "$default",
                "time": time(now),
                "timeEpoch": milliseconds(now),
            },
            "isBase64Encoded": false,
        });
        let cookies = self.cookies();
        if !cookies.is_empty() {
            event["cookies"] = json!(cookies);
        }
        let query = joined(form_pairs(self.query), ",");
        if !query.is_empty() {
            event["queryStringParameters"] = json!(query);
        }
        if !self.path_parameters.is_empty() {
            let decoded = self.path_parameters.iter().map(|(name, value)| (name, decoded(value)));
            let parameters: BTreeMap<_, _> = decoded.collect();
            event["pathParameters"] = json!(parameters);
        }
        match self.body {
            None | Some(([], _)) => {}
            Some((body, true)) if let Ok(text) = std::str::from_utf8(body) => {
                event["body"] = json!(text);
            }
            Some((body, _)) => {
                event["body"] = json!(STANDARD.encode(body));
                event["isBase64Encoded"] = json!(true);
            }
        }
        event
    }

    /// "All header names are lowercased", "Duplicate headers are combined with commas", and cookies
    /// are in a field of their own. Some are the gateway's.
    fn joined_headers(&self) -> BTreeMap<String, String> {
        let sent = self.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone()));
        let kept = sent.filter(|(name, _)| name != "cookie" && !HOP_BY_HOP.contains(&&**name));
        let mut headers = joined(kept, ",");
        let length = self.body.map_or(0, |(body, _)| body.len());
        let forwarded = headers.get("x-forwarded-for").map(|before| format!("{before}, "));
        let forwarded = forwarded.unwrap_or_default() + self.source_ip;
        headers.extend([
            ("content-length".to_owned(), length.to_string()),
            ("x-amzn-trace-id".to_owned(), trace_id()),
            ("x-forwarded-for".to_owned(), forwarded),
            ("x-forwarded-port".to_owned(), self.port.to_string()),
            ("x-forwarded-proto".to_owned(), self.scheme.to_owned()),
        ]);
        headers
    }

    fn cookies(&self) -> Vec<&str> {
        let lines = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        let cookies = lines.flat_map(|(_, line)| line.split(';')).map(str::trim);
        cookies.filter(|cookie| !cookie.is_empty()).collect()
    }
}

/// The event that asks a Lambda authorizer without identity sources about the request of an event
/// (API Gateway Developer Guide, "Control access to HTTP APIs with AWS Lambda authorizers").
#[must_use]
pub fn authorizer_event(mut event: Value) -> Value {
    if let Some(members) = event.as_object_mut() {
        members.remove("body");
        members.remove("isBase64Encoded");
    }
    let http = &event["requestContext"]["http"];
    let text = |name: &str| http[name].as_str().unwrap_or_default();
    let api = "arn:aws:execute-api:eu-central-1:123456789012:api-id";
    event["routeArn"] = json!(format!("{api}/$default/{}{}", text("method"), text("path")));
    event["type"] = json!("REQUEST");
    event["identitySource"] = Value::Null;
    event
}

/// The path as an HTTP API hands it over: percent-decoded, `%2F` too, and cut at a decoded `?`
/// (middleapi/standard-server#93, from captured events). Bytes that are not UTF-8 cannot be in an
/// event, which is JSON.
pub fn decoded_path(path: &str) -> String {
    let path = decoded(path);
    path.split_once('?').map_or(path.as_str(), |(before, _)| before).to_owned()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a body of this type arrives as text. All others arrive in base64, forms and those without
/// a type too (ministackorg/ministack#766, tried on AWS, which documents no list).
pub fn is_text(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let texts = ["application/json", "application/javascript", "application/xml"];
    media_type.starts_with("text/") || texts.contains(&media_type.as_str())
}

/// An id as an HTTP API gives each request, also in the header `apigw-requestid`.
pub fn request_id() -> String {
    let bytes = [random().to_be_bytes(), random().to_be_bytes()].concat();
    STANDARD.encode(&bytes[..11])
}

fn trace_id() -> String {
    let seconds = milliseconds(SystemTime::now()) / 1000;
    format!("Root=1-{seconds:08x}-{:016x}{:08x}", random(), random() >> 32)
}

/// Unpredictable enough for ids on a developer's machine.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// As in `$context.requestTime`: `12/Mar/2020:19:03:58 +0000`.
fn time(time: SystemTime) -> String {
    let format =
        format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    OffsetDateTime::from(time).format(format).unwrap_or_default()
}

fn joined(
    pairs: impl IntoIterator<Item = (String, String)>,
    separator: &str,
) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in pairs {
        let values = joined.entry(name);
        values.and_modify(|all| *all = format!("{all}{separator}{value}")).or_insert(value);
    }
    joined
}

fn form_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(object: &Value) -> Vec<&str> {
        object.as_object().unwrap().keys().map(String::as_str).collect()
    }

    fn request() -> HttpApiRequest<'static> {
        HttpApiRequest {
            route_key: "ANY /api/todos/{id}",
            method: "PATCH",
            path: "/api/todos/a b",
            query: "",
            protocol: "HTTP/1.1",
            headers: vec![("Host", "localhost:3000".to_owned())],
            body: None,
            path_parameters: vec![],
            source_ip: "192.0.2.1",
            domain_name: "abc.example.com",
            scheme: "https",
            port: 443,
            request_id: "JKJaXmPLvHcESHA=",
        }
    }

    /// API Gateway Developer Guide, "Payload format structure".
    #[test]
    fn an_event_has_the_fields_of_format_2_0() {
        let event = request().into_event();
        let always = ["headers", "isBase64Encoded", "rawPath", "rawQueryString", "requestContext"];
        let mut expected = always.to_vec();
        expected.extend(["routeKey", "version"]);
        assert_eq!(fields(&event), expected);
        let context = &event["requestContext"];
        assert_eq!(
            fields(context),
            [
                "accountId",
                "apiId",
                "domainName",
                "domainPrefix",
                "http",
                "requestId",
                "routeKey",
                "stage",
                "time",
                "timeEpoch"
            ]
        );
        assert_eq!(
            fields(&context["http"]),
            ["method", "path", "protocol", "sourceIp", "userAgent"]
        );
        assert_eq!(context["domainPrefix"], "abc");
        assert_eq!(context["routeKey"], event["routeKey"]);
        assert_eq!(context["stage"], "$default");
        assert!(context["timeEpoch"].as_u64().unwrap() > 1_700_000_000_000);
        assert_eq!(time(UNIX_EPOCH), "01/Jan/1970:00:00:00 +0000");
    }

    #[test]
    fn headers_are_lower_case_and_joined_and_cookies_are_apart() {
        let headers = [
            ("X-A", "1"),
            ("x-a", "2"),
            ("Cookie", "a=b; c=d"),
            ("cookie", "e=\"f,g\";"),
            ("Connection", "keep-alive"),
            ("Transfer-Encoding", "chunked"),
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Forwarded-Proto", "ftp"),
            ("User-Agent", "curl"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        let event = HttpApiRequest { headers, ..request() }.into_event();
        assert_eq!(event["cookies"], json!(["a=b", "c=d", "e=\"f,g\""]));
        assert_eq!(event["requestContext"]["http"]["userAgent"], "curl");
        let mut headers = event["headers"].as_object().unwrap().clone();
        let trace = headers.remove("x-amzn-trace-id").unwrap();
        assert!(trace.as_str().unwrap().starts_with("Root=1-"));
        assert_eq!(
            Value::from(headers),
            json!({
                "content-length": "0", "user-agent": "curl", "x-a": "1,2",
                "x-forwarded-for": "203.0.113.9, 192.0.2.1", "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            })
        );
    }

    #[test]
    fn parameters_are_decoded_and_the_query_stays_as_it_was_sent() {
        let path_parameters = vec![("id".to_owned(), "a%20b".to_owned())];
        let query = "a=1&a=%32&b=x+y&c";
        let event = HttpApiRequest { query, path_parameters, ..request() }.into_event();
        assert_eq!(event["pathParameters"], json!({ "id": "a b" }));
        assert_eq!(event["rawQueryString"], query);
        assert_eq!(event["queryStringParameters"], json!({ "a": "1,2", "b": "x y", "c": "" }));
    }

    #[test]
    fn a_body_is_text_or_base64_by_its_type() {
        let check = |content_type: &str, body: &[u8], expected: Value, is_base64: bool| {
            let body = Some((body, is_text(content_type)));
            let event = HttpApiRequest { body, ..request() }.into_event();
            assert_eq!(event["body"], expected, "{content_type}");
            assert_eq!(event["isBase64Encoded"], is_base64, "{content_type}");
        };
        check("application/json; charset=utf-8", b"{}", json!("{}"), false);
        check("Text/Plain", "ä".as_bytes(), json!("ä"), false);
        check("", b"x", json!("eA=="), true);
        check("application/x-www-form-urlencoded", b"a=b", json!("YT1i"), true);
        check("application/merge-patch+json", b"{}", json!("e30="), true);
        check("image/png", b"\xff\0", json!("/wA="), true);
        check("application/json", b"\xff\0", json!("/wA="), true);
        check("application/json", b"", Value::Null, false);
    }

    #[test]
    fn a_path_is_decoded_once_and_cut_at_a_question_mark() {
        for (sent, expected) in [
            ("/api/todos/1", "/api/todos/1"),
            ("/a%20b", "/a b"),
            ("/%2e%2e/%252e", "/../%2e"),
            ("/a%2Fb", "/a/b"),
            ("/a%3Fb=c", "/a"),
            ("/%zz", "/%zz"),
            ("/%ff", "/\u{fffd}"),
        ] {
            assert_eq!(decoded_path(sent), expected, "{sent}");
        }
    }

    #[test]
    fn ids_differ_and_look_like_aws_ids() {
        let (one, two) = (request_id(), request_id());
        assert_ne!(one, two);
        assert!(one.len() == 16 && one.ends_with('='), "{one}");
    }
}
