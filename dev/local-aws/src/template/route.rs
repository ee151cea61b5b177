use std::{collections::BTreeMap, fmt};

use http::Method;
use serde_json::Value;

use crate::TemplateError;

/// A route of the HTTP API and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The binary that answers: `signin`, `callback`, `web` or `todos`.
    pub function: String,
    /// The methods of the route.
    pub method: MethodPattern,
    /// The paths of the route.
    pub path: PathPattern,
    /// The function that authorizes its requests.
    pub authorizer: Option<String>,
}

/// One method, or all of them (`ANY`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodPattern {
    /// Every method.
    Any,
    /// This one. An HTTP API does not take `HEAD` for `GET`.
    One(Method),
}

/// A path with `{name}` for one segment and `{name+}` for all that are left, or `$default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPattern {
    /// These segments.
    Segments(Vec<Segment>),
    /// Every path: the route `$default`.
    Default,
}

/// What is between two slashes of a [`PathPattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Literal(String),
    /// One segment.
    One(String),
    /// At least one segment.
    Rest(String),
}

/// The path variables of a request, by name.
pub type PathParameters = Vec<(String, String)>;

impl Route {
    /// The routes of a function; `authorizers` has the functions of the API's authorizers by name.
    pub(crate) fn of_function(
        id: &str,
        resource: &Value,
        authorizers: &BTreeMap<&str, &str>,
    ) -> Result<Vec<Self>, TemplateError> {
        let function = name(id, resource)?;
        let events = resource.pointer("/Properties/Events").and_then(Value::as_object);
        events
            .into_iter()
            .flat_map(|events| events.values())
            .filter(|event| event["Type"] == "HttpApi")
            .map(|event| Self::of_event(id, function, &event["Properties"], authorizers))
            .collect()
    }

    fn of_event(
        id: &str,
        function: &str,
        properties: &Value,
        authorizers: &BTreeMap<&str, &str>,
    ) -> Result<Self, TemplateError> {
        let function = function.to_owned();
        let authorizer = match properties["Auth"]["Authorizer"].as_str() {
            None => None,
            Some(name) => Some(
                (*authorizers.get(name).ok_or_else(|| {
                    TemplateError::shape(id, "has an event with an Authorizer that the API lacks")
                })?)
                .to_owned(),
            ),
        };
        let (method, path) = match (properties["Method"].as_str(), properties["Path"].as_str()) {
            (Some(method), Some(path)) => (method, path),
            // AWS SAM, "HttpApi": an event with neither is the default route.
            (None, None) => {
                let (method, path) = (MethodPattern::Any, PathPattern::Default);
                return Ok(Self { function, method, path, authorizer });
            }
            _ => return Err(TemplateError::shape(id, "has an event without Method or Path")),
        };
        let method = MethodPattern::parse(method)
            .ok_or_else(|| TemplateError::shape(id, "has an event with a bad Method"))?;
        let path = PathPattern::parse(path)
            .ok_or_else(|| TemplateError::shape(id, "has an event with a bad Path"))?;
        Ok(Self { function, method, path, authorizer })
    }

    /// Whether the route takes this request. `path` is the path as sent,
    /// without a query.
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        self.path_parameters(method, path).is_some()
    }

    /// The path variables of a request that the route takes, as they were sent.
    pub fn path_parameters(&self, method: &Method, path: &str) -> Option<PathParameters> {
        self.method.matches(method).then(|| self.path.parameters(path)).flatten()
    }

    /// The route key: `GET /session`, `ANY /api/todos/{id}` or `$default`.
    pub fn key(&self) -> String {
        match (&self.path, &self.method) {
            (PathPattern::Default, _) => self.path.to_string(),
            (path, MethodPattern::Any) => format!("ANY {path}"),
            (path, MethodPattern::One(method)) => format!("{method} {path}"),
        }
    }

    /// Routes in this order are tried as the HTTP API tries them: literal
    /// segments before variables before greedy ones, a method before `ANY`, `$default` at last.
    /// A path that has no route for the method is tried with the others, `$default` included.
    pub(crate) fn precedence(&self) -> (Vec<u8>, bool) {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::One(_) => 1,
            Segment::Rest(_) => 2,
        };
        let ranks = match &self.path {
            PathPattern::Segments(segments) => segments.iter().map(rank).collect(),
            PathPattern::Default => vec![3],
        };
        (ranks, self.method == MethodPattern::Any)
    }
}

/// A function's name: its binary, or the folder of one that is not built.
pub(crate) fn name<'a>(id: &str, resource: &'a Value) -> Result<&'a str, TemplateError> {
    let binary = resource.pointer("/Metadata/BuildProperties/Binary").and_then(Value::as_str);
    let folder = || resource.pointer("/Properties/CodeUri")?.as_str()?.rsplit('/').next();
    binary
        .or_else(|| resource.pointer("/Properties/Runtime").and_then(|_| folder()))
        .ok_or_else(|| TemplateError::shape(id, "has no Metadata.BuildProperties.Binary"))
}

impl MethodPattern {
    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("ANY") || text == "*" {
            return Some(Self::Any);
        }
        Some(Self::One(text.to_ascii_uppercase().parse().ok()?))
    }

    fn matches(&self, method: &Method) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == method,
        }
    }
}

impl PathPattern {
    fn parse(text: &str) -> Option<Self> {
        let segment = |text: &str| match text.strip_prefix('{') {
            None => Some(Segment::Literal(text.to_owned())),
            Some(variable) => {
                let name = variable.strip_suffix('}')?;
                Some(match name.strip_suffix('+') {
                    Some(name) => Segment::Rest(name.to_owned()),
                    None => Segment::One(name.to_owned()),
                })
            }
        };
        let segments: Vec<_> =
            text.strip_prefix('/')?.split('/').map(segment).collect::<Option<_>>()?;
        let rest = segments.iter().position(|segment| matches!(segment, Segment::Rest(_)));
        rest.is_none_or(|at| at + 1 == segments.len()).then_some(Self::Segments(segments))
    }

    fn parameters(&self, path: &str) -> Option<PathParameters> {
        let mut parameters = Vec::new();
        let Self::Segments(segments) = self else { return Some(parameters) };
        let mut left = Some(path.strip_prefix('/')?);
        for segment in segments {
            let rest = left?;
            let (text, after) = match rest.split_once('/') {
                Some((text, after)) => (text, Some(after)),
                None => (rest, None),
            };
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::One(name) if !text.is_empty() => {
                    parameters.push((name.clone(), text.to_owned()));
                }
                Segment::Rest(name) if !rest.is_empty() => {
                    parameters.push((name.clone(), rest.to_owned()));
                    return Some(parameters);
                }
                _ => return None,
            }
            left = after;
        }
        left.is_none().then_some(parameters)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Segments(segments) = self else { return f.write_str("$default") };
        for segment in segments {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::One(name) => write!(f, "/{{{name}}}")?,
                Segment::Rest(name) => write!(f, "/{{{name}+}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Template;

    #[test]
    fn an_event_names_an_authorizer_of_the_api() {
        let routes = |authorizer: &str| {
            let template = include_str!("../../../../template.yaml");
            let (path, auth) = ("/api/todos }", format!("/api/todos, Auth: {authorizer} }}"));
            assert!(template.contains(path));
            Template::parse(&template.replacen(path, &auth, 1)).unwrap().routes()
        };
        let gate = routes("{ Authorizer: Gate }").unwrap();
        let authorized: Vec<_> = gate.iter().filter(|route| route.authorizer.is_some()).collect();
        assert_eq!(authorized.len(), 1);
        assert_eq!(authorized[0].authorizer.as_deref(), Some("authorizer"));
        assert_eq!(authorized[0].key(), "ANY /api/todos");
        // Not a route without an authorizer.
        assert!(routes("{ Authorizer: Gaet }").is_err());
    }

    #[test]
    fn paths_match_by_segment() {
        let check = |pattern: &str, path: &str, expected: bool| {
            let parsed = PathPattern::parse(pattern).unwrap();
            assert_eq!(parsed.to_string(), pattern);
            assert_eq!(parsed.parameters(path).is_some(), expected, "{pattern} and {path}");
        };
        check("/", "/", true);
        check("/", "", false);
        check("/", "/x", false);
        check("/a", "/a", true);
        check("/a", "/a/", false);
        check("/a", "/A", false);
        check("/a/{id}", "/a/1", true);
        check("/a/{id}", "/a/%2F", true);
        check("/a/{id}", "/a/", false);
        check("/a/{id}", "/a", false);
        check("/a/{id}", "/a/1/2", false);
        check("/a/{rest+}", "/a/1/2", true);
        check("/a/{rest+}", "/a/1", true);
        check("/a/{rest+}", "/a/", false);
        check("/a/{rest+}", "/a", false);
    }

    #[test]
    fn variables_have_what_was_sent_in_their_place() {
        let check = |pattern: &str, path: &str, expected: &[(&str, &str)]| {
            let parameters = PathPattern::parse(pattern).unwrap().parameters(path).unwrap();
            let parameters: Vec<_> = parameters.iter().map(|(n, v)| (&**n, &**v)).collect();
            assert_eq!(parameters, expected, "{pattern} and {path}");
        };
        check("/a", "/a", &[]);
        check("/a/{id}", "/a/%2F", &[("id", "%2F")]);
        check("/{a}/{rest+}", "/x/y/z/", &[("a", "x"), ("rest", "y/z/")]);
        assert_eq!(PathPattern::Default.parameters("/x/y"), Some(vec![]));
    }

    #[test]
    fn a_bad_path_is_refused() {
        for text in ["", "a", "/{a", "/{a+}/b"] {
            assert_eq!(PathPattern::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_method_is_taken_as_it_is_and_any_takes_all() {
        let get = MethodPattern::parse("get").unwrap();
        assert!(get.matches(&Method::GET) && !get.matches(&Method::HEAD));
        for any in ["ANY", "any", "*"] {
            assert_eq!(MethodPattern::parse(any), Some(MethodPattern::Any), "{any}");
        }
    }

    #[test]
    fn requests_go_to_the_functions_of_the_design() {
        let routes = Template::project().routes().unwrap();
        let check = |method: Method, path: &str, expected: Option<&str>| {
            let route = routes.iter().find(|route| route.matches(&method, path));
            assert_eq!(route.map(|route| route.function.as_str()), expected, "{method} {path}");
        };
        check(Method::GET, "/", Some("web"));
        check(Method::GET, "/assets/0123/page.js", Some("web"));
        check(Method::GET, "/session", Some("web"));
        check(Method::POST, "/session", Some("web"));
        check(Method::POST, "/session/refresh", Some("web"));
        check(Method::POST, "/signout", Some("web"));
        check(Method::GET, "/signout", Some("web"));
        check(Method::GET, "/signedout", Some("web"));
        check(Method::GET, "/signin", Some("signin"));
        check(Method::POST, "/signin", Some("signin"));
        check(Method::GET, "/signin/pushed", Some("callback"));
        check(Method::GET, "/callback", Some("callback"));
        check(Method::POST, "/backchannel-logout", Some("callback"));
        check(Method::GET, "/frontchannel-logout", Some("callback"));
        // What serves a path says which methods it takes, and what HEAD does.
        for method in [Method::HEAD, Method::GET, Method::POST, Method::DELETE, Method::OPTIONS] {
            check(method.clone(), "/signin", Some("signin"));
            for path in ["/callback", "/signin/pushed", "/backchannel-logout"] {
                check(method.clone(), path, Some("callback"));
            }
            check(method.clone(), "/frontchannel-logout", Some("callback"));
            check(method.clone(), "/api/openapi.json", Some("todos"));
            check(method, "/.well-known/oauth-protected-resource", Some("todos"));
        }
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            check(method.clone(), "/api/todos", Some("todos"));
            check(method, "/api/todos/1", Some("todos"));
        }
        check(Method::GET, "/api/openapi.json", Some("todos"));
        check(Method::GET, "/.well-known/oauth-protected-resource", Some("todos"));
        check(Method::GET, "/api", Some("web"));
        check(Method::GET, "/favicon.ico", Some("web"));
        check(Method::HEAD, "/", Some("web"));
    }

    #[test]
    fn a_route_has_a_key() {
        let routes = Template::project().routes().unwrap();
        let keys: Vec<_> = routes.iter().map(Route::key).collect();
        for key in ["ANY /session", "ANY /api/todos/{id}", "ANY /assets/{proxy+}"] {
            assert!(keys.iter().any(|it| it == key), "{key}");
        }
        assert_eq!(keys.last().unwrap(), "$default");
    }

    #[test]
    fn the_more_specific_route_is_tried_first() {
        let function = |binary: &str, method: &str, path: &str| {
            serde_json::json!({
                "Type": "AWS::Serverless::Function",
                "Metadata": {"BuildProperties": {"Binary": binary}},
                "Properties": {"Events": {"E": {
                    "Type": "HttpApi", "Properties": {"Method": method, "Path": path},
                }}},
            })
        };
        let resources = serde_json::json!({"Resources": {
            "A": function("rest", "GET", "/a/{rest+}"),
            "B": function("any", "ANY", "/a/b"),
            "C": function("one", "GET", "/a/{id}"),
            "D": function("get", "GET", "/a/b"),
            "E": {
                "Type": "AWS::Serverless::Function",
                "Metadata": {"BuildProperties": {"Binary": "default"}},
                "Properties": {"Events": {"E": {"Type": "HttpApi", "Properties": {}}}},
            },
            "F": function("top", "ANY", "/{rest+}"),
        }});
        let routes = Template::parse(&resources.to_string()).unwrap().routes().unwrap();
        let order: Vec<&str> = routes.iter().map(|route| route.function.as_str()).collect();
        assert_eq!(order, ["get", "any", "one", "rest", "top", "default"]);
    }
}
