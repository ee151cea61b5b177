use axum::{body::Body, extract::FromRequest};
use http::{HeaderMap, HeaderName, Request, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{Fields, RequestError, json};

/// The maximum size of a body, in bytes. A todo needs a tenth of it even with every character
/// escaped; the rest makes sure that a 413 comes from us and not from the gateway.
const LIMIT: usize = 256 * 1024;

/// A JSON body of `POST` or `PUT`.
#[derive(Debug)]
pub struct JsonBody(pub Fields);

/// A JSON body of `PATCH` (RFC 7396). `application/json` is accepted too, for clients that cannot
/// choose another media type.
#[derive(Debug)]
pub struct MergePatchBody(pub Fields);

impl<S: Sync> FromRequest<S> for JsonBody {
    type Rejection = RequestError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, RequestError> {
        read(request, &JSON).await.map(Self)
    }
}

impl<S: Sync> FromRequest<S> for MergePatchBody {
    type Rejection = RequestError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, RequestError> {
        read(request, &MERGE_PATCH).await.map(Self)
    }
}

/// The media types that a route accepts.
struct Accepts {
    types: &'static [&'static str],
    /// Whether null removes a field.
    is_patch: bool,
    /// `types` as the value of a header.
    text: &'static str,
    /// Lists them in a 415 (RFC 9110, section 15.5.16; RFC 5789, section 2.2).
    header: HeaderName,
}

const JSON: Accepts = Accepts {
    types: &["application/json"],
    is_patch: false,
    text: "application/json",
    header: header::ACCEPT,
};

const MERGE_PATCH: Accepts = Accepts {
    types: &["application/merge-patch+json", "application/json"],
    is_patch: true,
    text: "application/merge-patch+json, application/json",
    header: HeaderName::from_static("accept-patch"),
};

async fn read(request: Request<Body>, accepts: &Accepts) -> Result<Fields, RequestError> {
    if !accepts.has(request.headers()) {
        let header = accepts.header.clone();
        return Err(RequestError::MediaType { accepted: accepts.text, header });
    }
    let bytes = Limited::new(request.into_body(), LIMIT).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() { RequestError::TooLarge } else { UNREADABLE }
    })?;
    Fields::new(json::parse(&bytes.to_bytes())?, accepts.is_patch)
}

const UNREADABLE: RequestError = RequestError::Malformed {
    code: "unreadable_body",
    detail: "The body did not arrive completely.",
};

impl Accepts {
    fn has(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(header::CONTENT_TYPE).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return false;
        };
        let encoded = headers.get(header::CONTENT_ENCODING).is_some_and(|e| e != "identity");
        value.to_str().is_ok_and(|text| self.takes(text)) && !encoded
    }

    fn takes(&self, content_type: &str) -> bool {
        let mut parts = content_type.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let known = self.types.iter().any(|known| known.eq_ignore_ascii_case(essence));
        known && parts.all(is_utf8_or_no_charset)
    }
}

/// JSON is UTF-8 (RFC 8259, section 8.1); a body in anything else would be misread.
fn is_utf8_or_no_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_matched_by_essence_and_charset() {
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;charset=\"UTF-8\"; v=1",
            "application/json;",
        ] {
            assert!(JSON.takes(good), "{good}");
        }
        for bad in [
            "",
            "json",
            "text/json",
            "application/jsonp",
            "application/merge-patch+json",
            "application/json; charset=utf-16",
        ] {
            assert!(!JSON.takes(bad), "{bad}");
        }
        assert!(MERGE_PATCH.takes("application/merge-patch+json"));
        assert!(MERGE_PATCH.takes("application/json"));
        assert!(!MERGE_PATCH.takes("application/json-patch+json"));
    }
}
