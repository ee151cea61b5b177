//! The `WWW-Authenticate` header.

use http::HeaderValue;

use crate::{AuthError, Dpop, Resource, Scheme, Scope};

/// What this refusal asks of the client, one challenge for each accepted
/// would do, the one that it used first (RFC 9110, section 11.6.1). Empty when
/// the token was not verified: a client must keep it then.
pub(crate) fn challenges(
    error: &AuthError,
    used: Scheme,
    scope: Option<&Scope>,
    resource: Option<&Resource>,
    dpop: Option<&Dpop>,
) -> Vec<HeaderValue> {
    let other = match used {
        Scheme::Bearer => Scheme::Dpop,
        Scheme::Dpop => Scheme::Bearer,
    };
    match error {
        AuthError::Unavailable(_) | AuthError::ReplayStore(_) => Vec::new(),
        // Another scheme would not help.
        AuthError::InvalidRequest(_) | AuthError::InsufficientScope(_) | AuthError::StepUp(_) => {
            vec![challenge(used, Some(error), None, resource, dpop)]
        }
        AuthError::NoCredentials
        | AuthError::DpopNotEnabled
        | AuthError::Token(_)
        | AuthError::Proof(_) => {
            let first = challenge(used, Some(error), scope, resource, dpop);
            let second = dpop.map(|_| challenge(other, None, scope, resource, dpop));
            std::iter::once(first).chain(second).collect()
        }
    }
}

/// One challenge (RFC 6750, section 3; RFC 9449, section 7.1), with the address
/// of the resource's metadata (RFC 9728, section 5.1).
fn challenge(
    scheme: Scheme,
    error: Option<&AuthError>,
    scope: Option<&Scope>,
    resource: Option<&Resource>,
    dpop: Option<&Dpop>,
) -> HeaderValue {
    let mut header = Header::new(scheme);
    // A request without credentials gets no error (RFC 6750, section 3.1).
    if let Some(error) = error.filter(|error| !error.lacks_credentials()) {
        header.put("error", error.code());
        header.put("error_description", &error.detail());
        if let AuthError::InsufficientScope(lack) = error
            && let Some(scope) = lack.requested.as_ref().or(lack.needed.first())
        {
            header.put("scope", scope);
        }
        // RFC 9470, section 3. A client requests `prompt` by itself.
        if let AuthError::StepUp(again) = error {
            for (name, value) in again.parameters().filter(|(name, _)| *name != "prompt") {
                header.put(name, value.as_str().unwrap_or(&value.to_string()));
            }
        }
    }
    if let Some(scope) = scope {
        header.put("scope", scope.as_str());
    }
    if let (Scheme::Dpop, Some(dpop)) = (scheme, dpop) {
        header.put("algs", &dpop.algorithm_names());
    }
    if let Some(resource) = resource {
        header.put("resource_metadata", resource.metadata().as_str());
    }
    header.value()
}

struct Header(String, char);

impl Header {
    fn new(scheme: Scheme) -> Self {
        Self(scheme.as_str().to_owned(), ' ')
    }

    fn put(&mut self, name: &str, value: &str) {
        let Self(header, separator) = self;
        if *separator == ',' {
            header.push(',');
        }
        *separator = ',';
        header.push(' ');
        header.push_str(name);
        header.push_str("=\"");
        // RFC 6750 allows no quote, backslash or control character in a value.
        header.extend(value.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')));
        header.push('"');
    }

    fn value(self) -> HeaderValue {
        HeaderValue::try_from(self.0).expect("only printable ASCII was let into the header")
    }
}
