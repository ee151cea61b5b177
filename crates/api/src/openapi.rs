//! OpenAPI descriptions that every API shares.
//!
//! They are used only when the document is generated. A function serves the generated file, because
//! building the document would make every cold start slower.

use http::StatusCode;
use serve::Problem;
use utoipa::{
    Modify, PartialSchema, ToSchema,
    openapi::{
        Content, Header, Object, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder,
        SecurityRequirement, Server, Type,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// Adds the server, the security schemes `bearer`, `session` and `csrf`, and to each operation the
/// errors that its parameters and body can have.
///
/// Every operation requires credentials, unless its attribute has `security()`.
#[derive(Debug)]
pub struct ApiConventions;

/// An error response of several operations.
struct ErrorResponse {
    status: StatusCode,
    description: &'static str,
    headers: &'static [(&'static str, Type, &'static str)],
    applies_to: fn(&Operation) -> bool,
}

const ERRORS: [ErrorResponse; 11] = [
    ErrorResponse {
        status: StatusCode::BAD_REQUEST,
        description: "A header, a parameter or the body is malformed",
        headers: &[(
            "WWW-Authenticate",
            Type::String,
            "Present if the `Authorization` header is malformed (RFC 6750)",
        )],
        applies_to: is_protected,
    },
    ErrorResponse {
        status: StatusCode::UNAUTHORIZED,
        description: "No credentials, an invalid token, or a session that has ended",
        headers: &[("WWW-Authenticate", Type::String, "RFC 6750, with `resource_metadata`")],
        applies_to: is_protected,
    },
    ErrorResponse {
        status: StatusCode::FORBIDDEN,
        description: "Insufficient permission, or a request with a cookie from another site or \
                      without `X-CSRF`",
        headers: &[("WWW-Authenticate", Type::String, "For a token, the required scope")],
        applies_to: is_protected,
    },
    ErrorResponse {
        status: StatusCode::NOT_FOUND,
        description: "It does not exist, or it belongs to another user",
        headers: &[],
        applies_to: |it| parameters(it).any(|it| it.parameter_in == ParameterIn::Path),
    },
    ErrorResponse {
        status: StatusCode::PRECONDITION_FAILED,
        description: "`If-Match` does not list the current version",
        headers: &[],
        applies_to: |it| parameters(it).any(|it| it.name == "If-Match"),
    },
    ErrorResponse {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        description: "The body is over 256 KiB",
        headers: &[],
        applies_to: has_body,
    },
    ErrorResponse {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        description: "Unsupported media type; `Accept` or `Accept-Patch` lists the supported ones",
        headers: &[
            ("Accept", Type::String, "For `POST` and `PUT`"),
            ("Accept-Patch", Type::String, "For `PATCH` (RFC 5789)"),
        ],
        applies_to: has_body,
    },
    ErrorResponse {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        description: "Invalid fields, each listed in `errors`; or an `Idempotency-Key` of another \
                      request",
        headers: &[],
        applies_to: has_body,
    },
    ErrorResponse {
        status: StatusCode::TOO_MANY_REQUESTS,
        description: "The gateway throttles; its errors aren't problem documents",
        headers: &[],
        applies_to: |_| true,
    },
    ErrorResponse {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        description: "An internal error",
        headers: &[],
        applies_to: |_| true,
    },
    ErrorResponse {
        status: StatusCode::SERVICE_UNAVAILABLE,
        description: "Temporarily unavailable",
        headers: &[("Retry-After", Type::Integer, "In seconds")],
        applies_to: is_protected,
    },
];

impl Modify for ApiConventions {
    fn modify(&self, openapi: &mut OpenApi) {
        // Relative to where the document is: the API itself.
        openapi.servers = Some(vec![Server::new("/")]);
        let none: [&str; 0] = [];
        let session = SecurityRequirement::new("session", none).add("csrf", none);
        openapi.security = Some(vec![SecurityRequirement::new("bearer", none), session]);

        let components = openapi.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let bearer = bearer.description(Some(
            "An access token of the issuer that /.well-known/oauth-protected-resource names",
        ));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        let session = ApiKeyValue::with_description("__Host-session", "The page's session");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        let csrf = ApiKeyValue::with_description(
            "X-CSRF",
            "Always 1. Required with the session cookie, for GET too: pages of other sites \
             cannot set it",
        );
        components.add_security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf)));

        let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
        Problem::schemas(&mut schemas);
        components.schemas.extend(schemas);
        for error in &ERRORS {
            components.responses.insert(error.name(), error.response());
        }
        for item in openapi.paths.paths.values_mut() {
            let methods =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            for operation in methods.into_iter().flatten() {
                for error in &ERRORS {
                    if (error.applies_to)(operation) {
                        let response = Ref::from_response_name(error.name());
                        let responses = &mut operation.responses.responses;
                        let status = error.status.as_str().to_owned();
                        responses.entry(status).or_insert(RefOr::Ref(response));
                    }
                }
            }
        }
    }
}

impl ErrorResponse {
    /// Its key among the document's components, such as `NotFound`.
    fn name(&self) -> String {
        self.status.canonical_reason().unwrap_or_default().replace(' ', "")
    }

    fn response(&self) -> RefOr<utoipa::openapi::Response> {
        let content = if self.status == StatusCode::TOO_MANY_REQUESTS {
            let message = Object::with_type(Type::String);
            let body = ObjectBuilder::new().property("message", message);
            ("application/json", Content::new(Some(body)))
        } else {
            let problem = Ref::from_schema_name(Problem::name());
            ("application/problem+json", Content::new(Some(problem)))
        };
        let response = ResponseBuilder::new().description(self.description);
        let response = response.content(content.0, content.1);
        let headers = self.headers.iter().cloned();
        headers
            .fold(response, |response, (name, kind, description)| {
                let mut header = Header::new(Object::with_type(kind));
                header.description = Some(description.to_owned());
                response.header(name, header)
            })
            .into()
    }
}

fn is_protected(operation: &Operation) -> bool {
    operation.security.is_none()
}

fn has_body(operation: &Operation) -> bool {
    operation.request_body.is_some()
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

/// An optional header of a request.
pub(crate) fn request_header(
    name: &str,
    pattern: &str,
    example: &str,
    description: &str,
) -> Vec<Parameter> {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
    let schema = schema.examples([example]);
    let header = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header);
    let header = header.required(Required::False).schema(Some(schema));
    vec![header.description(Some(description)).build()]
}
