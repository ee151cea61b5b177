use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

/// An error (RFC 9457).
// Not in the OpenAPI schema: neither `code` nor `detail` repeats what the caller sent.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[cfg_attr(feature = "openapi", schema(value_type = u16, minimum = 400, maximum = 599))]
    status: StatusCode,
    /// A stable identifier that a program can act on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false))]
    code: Option<&'static str>,
    /// A sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false))]
    detail: Option<Box<str>>,
    /// With 422, one entry for each invalid field of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    errors: Vec<FieldError>,
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    members: Option<Box<Map<String, Value>>>,
    #[serde(skip)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    retry_after: Option<u64>,
}

/// Why one field of a request's body is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MemberError))]
pub struct FieldError {
    /// Where the field is: a JSON Pointer (RFC 6901).
    #[cfg_attr(feature = "openapi", schema(examples("/description")))]
    pub pointer: String,
    /// A stable identifier of the error.
    #[cfg_attr(feature = "openapi", schema(examples("too_long")))]
    pub code: &'static str,
    /// A sentence that says what is valid.
    pub detail: String,
}

impl Problem {
    /// A problem with the status's own phrase as its title.
    pub fn new(status: StatusCode) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status,
            code: None,
            detail: None,
            errors: Vec::new(),
            members: None,
            retry_after: None,
        }
    }

    /// 503: something that we depend on does not answer now. `seconds` go into `Retry-After`.
    pub fn unavailable(seconds: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE)
            .code("unavailable")
            .detail("This does not work right now. Try again in a moment.")
            .retry_after(seconds)
    }

    /// Sets the stable word.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Sets the sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into().into_boxed_str());
        self
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn field_error(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    /// Adds an extension member (RFC 9457, section 3.2): what a program that knows `code` needs to
    /// act on it. Its name is none of the members above.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// Sets `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The status that it will be answered with.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

/// A fault of ours: logged here, once, with its cause; the caller learns nothing but that it
/// happened.
pub fn unexpected(cause: &dyn std::fmt::Display) -> Problem {
    tracing::error!(code = "internal_error", %cause, "a request failed unexpectedly");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR)
        .code("internal_error")
        .detail("Something went wrong on our side.")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).expect("a problem holds only strings and numbers");
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_problem_is_the_document_of_rfc_9457() {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY)
            .code("invalid_field")
            .detail("One field is wrong.")
            .field_error(FieldError {
                pointer: "/description".to_owned(),
                code: "too_long",
                detail: "At most 1000 characters.".to_owned(),
            });
        let response = problem.into_response();
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        insta::assert_snapshot!(String::from_utf8_lossy(&body), @r#"{"type":"about:blank","title":"Unprocessable Entity","status":422,"code":"invalid_field","detail":"One field is wrong.","errors":[{"pointer":"/description","code":"too_long","detail":"At most 1000 characters."}]}"#);
    }

    #[tokio::test]
    async fn an_extension_member_stands_beside_the_others() {
        let problem = Problem::new(StatusCode::UNAUTHORIZED).code("sign_in_again");
        let response = problem.member("max_age", 3600).into_response();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        insta::assert_snapshot!(String::from_utf8_lossy(&body), @r#"{"type":"about:blank","title":"Unauthorized","status":401,"code":"sign_in_again","max_age":3600}"#);
    }

    #[test]
    fn an_unavailable_answer_says_when_to_come_back() {
        let response = Problem::unavailable(5).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "5");
    }
}
