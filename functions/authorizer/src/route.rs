//! The route that API Gateway chose, against the path that is judged.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// Whether the route is one of this path, and not of the path before it was decoded.
///
/// API Gateway chooses the route by the path as it was sent, and hands over `rawPath` decoded, up to
/// a decoded `?`. So `/admin/delete%2F1` comes to the function behind `/admin/{action}` with the
/// `rawPath` of another route, whose policy is another one. A prefix is that of an API mapping.
///
/// A path that begins with two slashes is none: it is judged with one, and the function behind
/// may take what follows for a host.
pub(crate) fn is_of_path(pattern: &str, parameters: &BTreeMap<String, String>, path: &str) -> bool {
    if path.starts_with("//") {
        return false;
    }
    if pattern == "$default" {
        return true;
    }
    let filled = pattern.split('/').map(|segment| {
        let Some(name) = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
            return Some(segment.into());
        };
        let (name, is_greedy) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
        let value = percent_decode_str(parameters.get(name)?).decode_utf8().ok()?;
        (is_greedy || !value.contains('/')).then_some(value)
    });
    let filled: Option<Vec<_>> = filled.collect();
    filled.is_some_and(|segments| path.ends_with(&segments.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_another_route_than_the_one_chosen_does_not_fit() {
        for (pattern, name, value, path, fits) in [
            ("/health", "", "", "/health", true),
            ("/orders/{id}", "id", "7", "/orders/7", true),
            ("/orders/{id}", "id", "7", "/mapping/orders/7", true),
            ("/orders/{id}", "id", "K%C3%A4se", "/orders/Käse", true),
            ("/orders/{id}", "id", "Käse", "/orders/Käse", true),
            ("/{path+}", "path", "a/b", "/a/b", true),
            ("$default", "", "", "/a", true),
            // %2F, as sent and decoded.
            ("/admin/{action}", "action", "delete%2F1", "/admin/delete/1", false),
            ("/admin/{action}", "action", "delete/1", "/admin/delete/1", false),
            // %3F ends the raw path.
            ("/orders/{id}/items", "id", "7?", "/orders/7", false),
            ("/orders/{id}/items", "id", "7%3F", "/orders/7", false),
            ("/{path+}", "path", "a?b", "/a", false),
            ("/orders/{id}", "other", "7", "/orders/7", false),
            ("/health", "", "", "/orders", false),
            // `new URL("//a/b", base)` has the path /b.
            ("/{path+}", "path", "/a/b", "//a/b", false),
            ("$default", "", "", "//a/b", false),
        ] {
            let parameters = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            assert_eq!(is_of_path(pattern, &parameters, path), fits, "{pattern} {value} {path}");
        }
    }
}
