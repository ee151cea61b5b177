use std::fmt;

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
}

/// One method, or all of them (`ANY`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodPattern {
    /// Every method.
    Any,
    /// This one. An HTTP API does not take `HEAD` for `GET`.
    One(Method),
}

/// A path with `{name}` for one segment and `{name+}` for all that are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    One(String),
    Rest(String),
}

impl Route {
    pub(crate) fn of_function(id: &str, resource: &Value) -> Result<Vec<Self>, TemplateError> {
        let function = binary(id, resource)?;
        let events = resource.pointer("/Properties/Events").and_then(Value::as_object);
        events
            .into_iter()
            .flat_map(|events| events.values())
            .filter(|event| event["Type"] == "HttpApi")
            .map(|event| {
                let property = |name: &str| {
                    event["Properties"][name].as_str().ok_or_else(|| {
                        TemplateError::shape(id, "has an event without Method or Path")
                    })
                };
                let method = MethodPattern::parse(property("Method")?)
                    .ok_or_else(|| TemplateError::shape(id, "has an event with a bad Method"))?;
                let path = PathPattern::parse(property("Path")?)
                    .ok_or_else(|| TemplateError::shape(id, "has an event with a bad Path"))?;
                Ok(Self { function: function.to_owned(), method, path })
            })
            .collect()
    }

    /// Whether the route takes this request. `path` is the path as sent,
    /// without a query.
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.matches(method) && self.path.matches(path)
    }

    /// Routes in this order are tried as the HTTP API tries them: literal
    /// segments before variables before greedy ones, a method before `ANY`.
    pub(crate) fn precedence(&self) -> (Vec<u8>, bool) {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::One(_) => 1,
            Segment::Rest(_) => 2,
        };
        (self.path.0.iter().map(rank).collect(), self.method == MethodPattern::Any)
    }
}

/// The binary that a function is built from.
pub(crate) fn binary<'a>(id: &str, resource: &'a Value) -> Result<&'a str, TemplateError> {
    resource
        .pointer("/Metadata/BuildProperties/Binary")
        .and_then(Value::as_str)
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
        rest.is_none_or(|at| at + 1 == segments.len()).then_some(Self(segments))
    }

    fn matches(&self, path: &str) -> bool {
        let Some(path) = path.strip_prefix('/') else { return false };
        let mut given = path.split('/');
        for segment in &self.0 {
            let Some(text) = given.next() else { return false };
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::One(_) if !text.is_empty() => {}
                Segment::Rest(_) => return !text.is_empty() || given.next().is_some(),
                _ => return false,
            }
        }
        given.next().is_none()
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
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
    fn paths_match_by_segment() {
        let check = |pattern: &str, path: &str, expected: bool| {
            let parsed = PathPattern::parse(pattern).unwrap();
            assert_eq!(parsed.to_string(), pattern);
            assert_eq!(parsed.matches(path), expected, "{pattern} and {path}");
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
    fn a_bad_path_is_refused() {
        for text in ["", "a", "/{a", "/{a+}/b"] {
            assert_eq!(PathPattern::parse(text), None, "{text:?}");
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
        check(Method::POST, "/session", None);
        check(Method::POST, "/session/refresh", Some("web"));
        check(Method::POST, "/signout", Some("web"));
        check(Method::GET, "/signout", None);
        check(Method::GET, "/signedout", Some("web"));
        check(Method::GET, "/signin", Some("signin"));
        check(Method::POST, "/signin", Some("signin"));
        check(Method::GET, "/signin/pushed", Some("callback"));
        check(Method::GET, "/callback", Some("callback"));
        check(Method::POST, "/callback", None);
        check(Method::POST, "/backchannel-logout", Some("callback"));
        check(Method::GET, "/backchannel-logout", None);
        check(Method::GET, "/frontchannel-logout", Some("callback"));
        check(Method::POST, "/frontchannel-logout", None);
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            check(method.clone(), "/api/todos", Some("todos"));
            check(method, "/api/todos/1", Some("todos"));
        }
        check(Method::GET, "/api/openapi.json", Some("todos"));
        check(Method::GET, "/.well-known/oauth-protected-resource", Some("todos"));
        check(Method::GET, "/api", None);
        check(Method::GET, "/favicon.ico", None);
        check(Method::HEAD, "/", None);
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
        }});
        let routes = Template::parse(&resources.to_string()).unwrap().routes().unwrap();
        let order: Vec<&str> = routes.iter().map(|route| route.function.as_str()).collect();
        assert_eq!(order, ["get", "any", "one", "rest"]);
    }
}
