use std::{collections::BTreeMap, fmt, str::FromStr};

use http::Method;
use matchit::Router;

use crate::{
    Requirement, RoutePolicy,
    path::{fold, is_ambiguous, pattern, without_extension},
    policy::Words,
};

/// The policies of an API's routes.
#[derive(Debug, Clone, Default)]
pub struct RoutePolicies {
    /// By pattern, as written.
    routes: Vec<Route>,
    exact: Router<usize>,
    /// The same, folded.
    folded: Router<usize>,
}

#[derive(Debug, Clone)]
struct Route {
    pattern: String,
    /// By method; `*` for all others.
    policies: BTreeMap<String, RoutePolicy>,
}

/// A policy is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{policy}`: {reason}")]
pub struct RoutePolicyError {
    /// Its method and path, or the word that should be one.
    pub policy: String,
    /// What is wrong, and what to write.
    pub reason: String,
}

/// No policy lets the request pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No policy names method and path.
    #[error("no policy names this route")]
    NotNamed,
    /// A service could read the path in another way (`ambiguous_path`).
    #[error("the path is ambiguous")]
    AmbiguousPath,
}

impl RouteError {
    /// The stable name, for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotNamed => "no_route_policy",
            Self::AmbiguousPath => "ambiguous_path",
        }
    }
}

impl RoutePolicies {
    /// Reads policies in the language of the README.
    ///
    /// # Errors
    /// The first policy that is wrong, and why.
    pub fn parse(text: &str) -> Result<Self, RoutePolicyError> {
        let mut words = text.split_ascii_whitespace().peekable();
        let mut routes: Vec<Route> = Vec::new();
        while let Some(methods) = words.next() {
            let path = words.peek().copied().unwrap_or_default();
            let wrong = |reason: String| RoutePolicyError {
                policy: format!("{methods} {path}").trim_end().to_owned(),
                reason,
            };
            if !is_methods(methods) || !path.starts_with('/') {
                let reason =
                    "a policy starts with methods such as GET,POST and a path such as /orders";
                return Err(wrong(reason.to_owned()));
            }
            if let Some(unknown) = methods.split(',').find(|it| !METHODS.contains(it)) {
                return Err(wrong(format!("{unknown} is not a method: {}", METHODS.join(", "))));
            }
            words.next();
            let mut required = Words::default();
            while let Some(word) = words.next_if(|word| !is_methods(word)) {
                required.add(word).map_err(wrong)?;
            }
            let policy = required.policy().map_err(wrong)?;
            let at = routes.iter().position(|route| route.pattern == path).unwrap_or(routes.len());
            if at == routes.len() {
                routes.push(Route { pattern: path.to_owned(), policies: BTreeMap::new() });
            }
            for method in methods.split(',') {
                if routes[at].policies.insert(method.to_owned(), policy.clone()).is_some() {
                    return Err(wrong(format!("{method} has two policies")));
                }
            }
        }
        Self::of(routes)
    }

    fn of(routes: Vec<Route>) -> Result<Self, RoutePolicyError> {
        let (mut exact, mut folded) = (Router::new(), Router::new());
        for (at, route) in routes.iter().enumerate() {
            let wrong = |reason| RoutePolicyError { policy: route.pattern.clone(), reason };
            let pattern = pattern(&route.pattern).map_err(wrong)?;
            for (router, pattern) in [(&mut folded, fold(&pattern)), (&mut exact, pattern)] {
                router.insert(pattern, at).map_err(|_| {
                    wrong(
                        "it conflicts with another policy's path, which differs only in a name in \
                         {…} or in upper and lower case"
                            .to_owned(),
                    )
                })?;
            }
        }
        Ok(Self { routes, exact, folded })
    }

    /// All policies, each with its method, or `*`, and its pattern.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &RoutePolicy)> {
        self.routes.iter().flat_map(|Route { pattern, policies }| {
            policies.iter().map(|(method, policy)| (&**method, &**pattern, policy))
        })
    }

    /// What the policies that are not anonymous require.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.iter().filter_map(|(_, _, policy)| match policy {
            RoutePolicy::Authenticated(required) => Some(required),
            RoutePolicy::Anonymous => None,
        })
    }

    /// The policy for a request with this method and decoded path.
    ///
    /// # Errors
    /// When the request is denied for every caller.
    pub fn find(&self, method: &Method, path: &str) -> Result<&RoutePolicy, RouteError> {
        if is_ambiguous(path) {
            return Err(RouteError::AmbiguousPath);
        }
        let found = |router: &Router<usize>, path: &str| router.at(path).ok().map(|it| *it.value);
        let (exact, folded) = (found(&self.exact, path), fold(path));
        if exact != found(&self.folded, &folded) {
            return Err(RouteError::AmbiguousPath);
        }
        let exact = exact.ok_or(RouteError::NotNamed)?;
        let Route { pattern, policies } = &self.routes[exact];
        let bare = found(&self.folded, without_extension(&folded));
        if pattern.ends_with('}') && bare.is_some_and(|bare| bare != exact) {
            return Err(RouteError::AmbiguousPath);
        }
        let of = |method: &str| policies.get(method);
        let head = || of("GET").filter(|_| method == Method::HEAD);
        of(method.as_str()).or_else(head).or_else(|| of("*")).ok_or(RouteError::NotNamed)
    }
}

/// Those that API Gateway has, and `*`.
const METHODS: [&str; 8] = ["*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

fn is_methods(word: &str) -> bool {
    word == "*"
        || word
            .split(',')
            .all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_uppercase()))
}

impl FromStr for RoutePolicies {
    type Err = RoutePolicyError;

    fn from_str(text: &str) -> Result<Self, RoutePolicyError> {
        Self::parse(text)
    }
}

/// A table: one line for each method and pattern, in the order of the patterns.
impl fmt::Display for RoutePolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const OTHERS: &str = "anything else";
        let patterns = self.routes.iter().map(|route| route.pattern.len());
        let width = patterns.chain([OTHERS.len()]).max().unwrap_or_default();
        for (method, pattern, policy) in self.iter() {
            writeln!(f, "{method:<7} {pattern:<width$}  {policy}")?;
        }
        writeln!(f, "{:<7} {:<width$}  denied", "*", OTHERS)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ORDERS: &str = "
        GET /health anonymous
        GET /orders scope=Orders.Read scope=Orders.ReadWrite role=Orders.Read.All
        POST,PUT /orders scope=Orders.ReadWrite
        DELETE /orders/{id} scope=Orders.ReadWrite max_age=900 acr_values=c1 acr_values=c2
        GET /orders/mine scope=Orders.Read
        * /admin/{path+} role=Orders.Admin
        GET /admin/{path+} scope=Orders.Admin.Read
        GET / anonymous";

    fn found(text: &str, method: &str, path: &str) -> Result<String, RouteError> {
        let policies = RoutePolicies::parse(text).unwrap();
        let method = method.parse().unwrap();
        policies.find(&method, path).map(ToString::to_string)
    }

    #[track_caller]
    fn check(method: &str, path: &str, expected: Result<&str, RouteError>) {
        let found = found(ORDERS, method, path);
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{method} {path}");
    }

    #[test]
    fn the_most_specific_pattern_decides() {
        check("GET", "/", Ok("anyone, without a token"));
        check("GET", "/health", Ok("anyone, without a token"));
        check("PUT", "/orders", Ok("users with Orders.ReadWrite"));
        check("GET", "/orders/mine", Ok("users with Orders.Read"));
        let changes = "users with Orders.ReadWrite, signed in at most 900 s ago, acr c1 or c2";
        check("DELETE", "/orders/7", Ok(changes));
        check("PATCH", "/admin/a/b", Ok("applications with Orders.Admin"));
        check("GET", "/admin/a", Ok("users with Orders.Admin.Read"));
    }

    #[test]
    fn without_policies_everything_is_denied() {
        for empty in ["", " \n "] {
            assert_eq!(found(empty, "GET", "/"), Err(RouteError::NotNamed));
        }
    }

    #[test]
    fn head_is_included_in_get() {
        let reads = "users with Orders.Read or Orders.ReadWrite; applications with Orders.Read.All";
        check("HEAD", "/orders", Ok(reads));
        check("HEAD", "/orders/7", Err(RouteError::NotNamed));
    }

    #[test]
    fn what_no_policy_names_is_denied() {
        for (method, path) in [
            ("POST", "/health"),
            ("OPTIONS", "/orders"),
            ("get", "/orders"),
            ("GET", "/orders/7"),
            ("DELETE", "/orders/mine"),
            ("DELETE", "/orders/7/items"),
            ("GET", "/admin"),
            ("GET", "/elsewhere"),
        ] {
            check(method, path, Err(RouteError::NotNamed));
        }
    }

    #[test]
    fn a_path_that_a_service_could_read_in_another_way_is_denied() {
        for path in [
            "",
            "orders",
            "/orders/",
            "//orders",
            "/orders//mine",
            "/health/../orders",
            "/./orders",
            "/orders/..",
            "/orders/%2e%2e",
            "/orders/a%2fb",
            "/orders\\mine",
            "/orders;v=1",
            "/orders/\0",
            "/orders\n",
            "/orders?x",
        ] {
            check("GET", path, Err(RouteError::AmbiguousPath));
        }
    }

    #[test]
    fn upper_and_lower_case_do_not_lead_to_another_policy() {
        check("GET", "/Health", Err(RouteError::AmbiguousPath));
        check("GET", "/orders/MINE", Err(RouteError::AmbiguousPath));
        check("GET", "/ADMIN/x", Err(RouteError::AmbiguousPath));
        // Upper case is that of ASCII letters, as in JavaScript and in Java's `equalsIgnoreCase`.
        check("GET", "/adm\u{131}n/x", Err(RouteError::AmbiguousPath));
        check("GET", "/order\u{17f}", Err(RouteError::AmbiguousPath));
        check("GET", "/admin/X", Ok("users with Orders.Admin.Read"));
        check("GET", "/Elsewhere", Err(RouteError::NotNamed));
    }

    #[test]
    fn an_extension_does_not_lead_to_another_policy() {
        for path in ["/orders/mine.json", "/orders/mine.", "/orders/mine ", "/orders/Mine.a.b"] {
            check("GET", path, Err(RouteError::AmbiguousPath));
        }
        check("GET", "/admin/a.json", Ok("users with Orders.Admin.Read"));
        check("GET", "/admin/.hidden", Ok("users with Orders.Admin.Read"));
        check("GET", "/orders.json", Err(RouteError::NotNamed));
        let named = "GET /a anonymous GET /a.json scope=A";
        assert_eq!(found(named, "GET", "/a.json").as_deref(), Ok("users with A"));
    }

    #[test]
    fn a_policy_that_is_wrong_is_named_with_what_to_write() {
        for (text, policy, reason) in [
            ("GET /a", "GET /a", "it requires nothing; write scope=…, role=… or anonymous"),
            ("GET a", "GET a", "a policy starts with methods"),
            ("/a anonymous", "/a anonymous", "a policy starts with methods"),
            ("GET", "GET", "a policy starts with methods"),
            ("GET, /a anonymous", "GET, /a", "a policy starts with methods"),
            ("GTE /a scope=A", "GTE /a", "GTE is not a method"),
            ("GET,TRACE /a scope=A", "GET,TRACE /a", "TRACE is not a method"),
            ("GET /a scopes=A", "GET /a", "`scopes=A` is unknown"),
            ("GET /a Anonymous", "GET /a", "`Anonymous` is unknown"),
            ("GET /a anonymous scope=A", "GET /a", "contradict"),
            ("GET /a anonymous max_age=1", "GET /a", "contradict"),
            ("GET /a anonymous api=b", "GET /a", "contradict"),
            ("GET /a scope=A api=b api=c", "GET /a", "api is there twice"),
            ("GET /a role=A max_age=1", "GET /a", "max_age and acr_values are for users"),
            ("GET /a role=A acr_values=c1", "GET /a", "max_age and acr_values are for users"),
            ("GET /a scope=", "GET /a", "scope"),
            ("GET /a scope=\"A\"", "GET /a", "scope"),
            ("GET /a role=", "GET /a", "role"),
            ("GET /a scope=A role=A", "GET /a", "a scope and a role have the same name"),
            ("GET /a scope=A max_age=-1", "GET /a", "not a number of seconds"),
            ("GET /a scope=A max_age=15m", "GET /a", "not a number of seconds"),
            ("GET /a scope=A max_age=1 max_age=2", "GET /a", "max_age is there twice"),
            ("GET /a scope=A acr_values=", "GET /a", "acr values are"),
            ("GET /a scope=A GET /a anonymous", "GET /a", "GET has two policies"),
            ("GET,GET /a scope=A", "GET,GET /a", "GET has two policies"),
            ("GET /a/ scope=A", "/a/", "can't match"),
            ("GET /a/../b scope=A", "/a/../b", "can't match"),
            ("GET /a%20b scope=A", "/a%20b", "can't match"),
            ("GET /a/{} scope=A", "/a/{}", "needs a name"),
            ("GET /a/{b+}/c scope=A", "/a/{b+}/c", "must be at the end"),
            ("GET /a/{*b} scope=A", "/a/{*b}", "needs a name"),
            ("GET /a/x{b} scope=A", "/a/x{b}", "must be text, {name}, or at the end {name+}"),
            ("GET /a/{b} scope=A GET /a/{c} scope=A", "/a/{c}", "conflict"),
            ("GET /a scope=A GET /A scope=B", "/A", "conflict"),
        ] {
            let error = RoutePolicies::parse(text).unwrap_err();
            let RoutePolicyError { policy: named, reason: why } = error;
            assert_eq!(named, policy, "{text}");
            assert!(why.contains(reason), "{text}: {why}");
        }
    }

    #[test]
    fn a_sign_in_requirement_is_read() {
        let policies = RoutePolicies::parse(ORDERS).unwrap();
        let Ok(RoutePolicy::Authenticated(needed)) = policies.find(&Method::DELETE, "/orders/7")
        else {
            panic!("no policy");
        };
        assert_eq!(needed.max_age, Some(Duration::from_mins(15)));
        assert!(needed.acr_values.as_ref().unwrap().contain("c2"));
    }

    #[test]
    fn the_table_lists_every_policy_and_the_denial_of_the_rest() {
        let text = "GET /a scope=A POST,GET /b/{c} role=B api=d";
        assert_eq!(
            RoutePolicies::parse(text).unwrap().to_string(),
            "GET     /a             users with A\n\
             GET     /b/{c}         applications with B; tokens of d\n\
             POST    /b/{c}         applications with B; tokens of d\n\
             *       anything else  denied\n"
        );
    }
}
