//! The parts of the OpenAPI document that several routes share. The rest stands at the routes.
//!
//! Nothing of it is in the function, which serves the file that comes of it: making the document
//! would cost every cold start.

use serde::Serialize;
use utoipa::{
    IntoResponses, Modify, OpenApi, ToSchema,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::routes::{change, create, delete, list, openapi, read, replace, resource_metadata};

/// The OpenAPI document, made of what stands at the routes.
///
/// The function serves `openapi.json`, which `cargo run -p todos --example openapi` prints.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Tollgate todo API",
        description = "Keeps todos. A user sees their own; an application that acts for itself \
            sees everybody's.\n\nErrors are `application/problem+json` (RFC 9457), with a stable \
            `code`.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    tags(
        (name = "todos", description = "The todos"),
        (name = "about", description = "What there is to know beforehand"),
    ),
    paths(
        list::list,
        create::create,
        read::read,
        replace::replace,
        change::change,
        delete::delete,
        openapi::openapi,
        resource_metadata::resource_metadata,
    ),
    modifiers(&Credentials),
)]
pub struct Api;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
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
            "Always 1. A request with the session cookie needs it, a GET too: no other site's \
             page can set it",
        );
        components.add_security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf)));
    }
}

/// An error (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A stable word that a program can act on.
    #[schema(required = false)]
    code: String,
    /// A sentence for whoever reads it.
    #[schema(required = false)]
    detail: String,
    /// With 422, what is wrong with each member of the body.
    #[schema(required = false)]
    errors: Vec<MemberError>,
}

/// What is wrong with one member of a body.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberError {
    /// Where the member is: a JSON Pointer (RFC 6901).
    #[schema(examples("/description"))]
    pointer: String,
    /// A stable word for the fault.
    #[schema(examples("too_long"))]
    code: String,
    /// A sentence that says what would do.
    detail: String,
}

/// What every route behind credentials can answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the derived documentation is used")]
pub(crate) enum Refused {
    /// No credentials, a token that will not do, or a session that has ended
    #[response(
        status = UNAUTHORIZED, content_type = "application/problem+json",
        headers(("WWW-Authenticate" = String, description = "RFC 6750, with `resource_metadata`")),
    )]
    Unauthorized(#[to_schema] Problem),
    /// No permission that would do, or a request with a cookie from another site or without `X-CSRF`
    #[response(
        status = FORBIDDEN, content_type = "application/problem+json",
        headers(("WWW-Authenticate" = String, description = "For a token, the scope that would do")),
    )]
    Forbidden(#[to_schema] Problem),
    /// Something went wrong on our side
    #[response(status = INTERNAL_SERVER_ERROR, content_type = "application/problem+json")]
    Unexpected(#[to_schema] Problem),
    /// Not now, but soon again
    #[response(
        status = SERVICE_UNAVAILABLE, content_type = "application/problem+json",
        headers(("Retry-After" = i32, description = "In how many seconds")),
    )]
    Unavailable(#[to_schema] Problem),
}

/// A request that cannot be understood.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the derived documentation is used")]
pub(crate) enum MalformedRequest {
    /// A header, a parameter or the body cannot be understood
    #[response(status = BAD_REQUEST, content_type = "application/problem+json")]
    Malformed(#[to_schema] Problem),
}

/// A todo that is not there.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the derived documentation is used")]
pub(crate) enum Missing {
    /// There is no such todo, or it is somebody else's
    #[response(status = NOT_FOUND, content_type = "application/problem+json")]
    NotFound(#[to_schema] Problem),
}

/// A version that is not the current one.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the derived documentation is used")]
pub(crate) enum Outdated {
    /// The todo has another version than `If-Match` names
    #[response(status = PRECONDITION_FAILED, content_type = "application/problem+json")]
    PreconditionFailed(#[to_schema] Problem),
}

/// A body that will not do.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the derived documentation is used")]
pub(crate) enum BadBody {
    /// More than 256 KiB
    #[response(status = PAYLOAD_TOO_LARGE, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// Another media type
    #[response(status = UNSUPPORTED_MEDIA_TYPE, content_type = "application/problem+json")]
    MediaType(#[to_schema] Problem),
    /// Members that will not do, each named in `errors`; or an `Idempotency-Key` used before
    #[response(status = UNPROCESSABLE_ENTITY, content_type = "application/problem+json")]
    Fields(#[to_schema] Problem),
}
