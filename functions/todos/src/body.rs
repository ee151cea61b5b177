//! Bodies: read with a limit, parsed strictly, and judged member by member so that a caller
//! learns of all faults at once.

mod fields;
mod json;

use axum::body::Body;
use http::{HeaderMap, HeaderName, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use crate::fault::{ACCEPT, ACCEPT_PATCH, Fault};

pub(crate) use fields::{Fields, Null};

/// The most that a body can have, in bytes. A todo needs a tenth of it even with every
/// character escaped; the rest is so that the answer to more is ours and not the gateway's.
const LIMIT: usize = 256 * 1024;

/// The media types that a route takes.
#[derive(Debug)]
pub(crate) struct Accepts {
    types: &'static [&'static str],
    /// The same as the value of a header.
    text: &'static str,
    header: HeaderName,
}

/// `POST` and `PUT`.
pub(crate) const JSON: Accepts =
    Accepts { types: &["application/json"], text: "application/json", header: ACCEPT };

/// `PATCH`: an RFC 7396 patch, also under the name that clients without a choice of it send.
pub(crate) const PATCH: Accepts = Accepts {
    types: &["application/merge-patch+json", "application/json"],
    text: "application/merge-patch+json, application/json",
    header: ACCEPT_PATCH,
};

/// Reads a body of one of these media types as JSON.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    accepts: &Accepts,
) -> Result<Value, Fault> {
    if !accepts.has(headers) {
        let header = accepts.header.clone();
        return Err(Fault::MediaType { accepted: accepts.text, header });
    }
    let bytes = Limited::new(body, LIMIT).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() { Fault::TooLarge } else { UNREADABLE }
    })?;
    json::parse(&bytes.to_bytes())
}

const UNREADABLE: Fault =
    Fault::Malformed { code: "unreadable_body", detail: "The body did not arrive whole." };

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
    fn a_media_type_is_told_by_its_essence_and_charset() {
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
        assert!(PATCH.takes("application/merge-patch+json"));
        assert!(PATCH.takes("application/json"));
        assert!(!PATCH.takes("application/json-patch+json"));
    }
}
