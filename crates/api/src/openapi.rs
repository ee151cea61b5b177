//! OpenAPI descriptions that the routes of every API share.
//!
//! They are used only when the document is generated. A function serves the generated file, because
//! building the document would make every cold start slower.

use serve::Problem;
use utoipa::{
    IntoResponses, Modify,
    openapi::{
        OpenApi,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// Adds the security schemes `bearer`, `session` and `csrf`.
#[derive(Debug)]
pub struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut OpenApi) {
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
    }
}

/// What every route that requires credentials can answer.
#[derive(Debug, IntoResponses)]
pub enum AccessErrors {
    /// No credentials, an invalid token, or a session that has ended
    #[response(
        status = UNAUTHORIZED, content_type = "application/problem+json",
        headers(("WWW-Authenticate" = String, description = "RFC 6750, with `resource_metadata`")),
    )]
    Unauthorized(#[to_schema] Problem),
    /// Insufficient permission, or a request with a cookie from another site or without `X-CSRF`
    #[response(
        status = FORBIDDEN, content_type = "application/problem+json",
        headers(("WWW-Authenticate" = String, description = "For a token, the required scope")),
    )]
    Forbidden(#[to_schema] Problem),
    /// An internal error
    #[response(status = INTERNAL_SERVER_ERROR, content_type = "application/problem+json")]
    Unexpected(#[to_schema] Problem),
    /// Temporarily unavailable
    #[response(
        status = SERVICE_UNAVAILABLE, content_type = "application/problem+json",
        headers(("Retry-After" = i32, description = "In seconds")),
    )]
    Unavailable(#[to_schema] Problem),
}

/// For routes with parameters, conditions or a body.
#[derive(Debug, IntoResponses)]
pub enum MalformedRequest {
    /// A header, a parameter or the body is malformed
    #[response(status = BAD_REQUEST, content_type = "application/problem+json")]
    Malformed(#[to_schema] Problem),
}

/// For routes of one resource.
#[derive(Debug, IntoResponses)]
pub enum NotFound {
    /// It does not exist, or it belongs to another user
    #[response(status = NOT_FOUND, content_type = "application/problem+json")]
    NotFound(#[to_schema] Problem),
}

/// For routes with `If-Match`.
#[derive(Debug, IntoResponses)]
pub enum PreconditionFailed {
    /// `If-Match` does not list the current version
    #[response(status = PRECONDITION_FAILED, content_type = "application/problem+json")]
    Failed(#[to_schema] Problem),
}

/// For routes with a JSON body.
#[derive(Debug, IntoResponses)]
pub enum InvalidBody {
    /// More than 256 KiB
    #[response(status = PAYLOAD_TOO_LARGE, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// Another media type
    #[response(status = UNSUPPORTED_MEDIA_TYPE, content_type = "application/problem+json")]
    MediaType(#[to_schema] Problem),
    /// Invalid fields, each listed in `errors`; or an `Idempotency-Key` of another request
    #[response(status = UNPROCESSABLE_ENTITY, content_type = "application/problem+json")]
    Fields(#[to_schema] Problem),
}
