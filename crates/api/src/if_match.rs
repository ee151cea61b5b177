use axum::extract::FromRequestParts;
use http::{HeaderValue, header, request::Parts};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use crate::{RequestError, Version, openapi::request_header};

/// The versions that `If-Match` accepts (RFC 9110, section 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// No header, or `*`: any version.
    Any,
    /// One of these versions. Tags that cannot be versions are left out, so it can be empty.
    OneOf(Vec<Version>),
}

/// As many operands as DynamoDB accepts in a condition's `IN`.
const MOST_TAGS: usize = 100;

const MALFORMED: RequestError = RequestError::Malformed {
    code: "malformed_if_match",
    detail: "If-Match must be * or a list of up to 100 entity tags such as \"1\".",
};

/// What [`IfMatch::parse`] reads, apart from the number of tags.
const PATTERN: &str = r#"^[ \t]*(\*|(,[ \t]*)*(W/)?"[!#-~\u0080-\u00ff]*"([ \t]*,([ \t]*(W/)?"[!#-~\u0080-\u00ff]*")?)*)[ \t]*$"#;

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Up to 100 entity tags of versions that the request may change, or `*`";
        request_header("If-Match", PATTERN, "\"1\"", description)
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = RequestError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, RequestError> {
        let lines: Vec<&[u8]> =
            parts.headers.get_all(header::IF_MATCH).iter().map(HeaderValue::as_bytes).collect();
        if lines.is_empty() {
            return Ok(Self::Any);
        }
        Self::parse(&lines.join(&b','))
    }
}

impl IfMatch {
    fn parse(text: &[u8]) -> Result<Self, RequestError> {
        if text.trim_ascii() == b"*" {
            return Ok(Self::Any);
        }
        let mut versions = Vec::new();
        let mut tags = 0;
        let mut rest = text.trim_ascii();
        while !rest.is_empty() {
            // Empty elements of a list must be accepted (RFC 9110, section 5.6.1.2).
            if let Some(after) = rest.strip_prefix(b",") {
                rest = after.trim_ascii_start();
                continue;
            }
            let (tag, after) = Tag::first(rest)?;
            rest = after.trim_ascii_start();
            if !rest.is_empty() && !rest.starts_with(b",") {
                return Err(MALFORMED);
            }
            tags += 1;
            versions.extend(tag.version().filter(|version| !versions.contains(version)));
            if versions.len() > MOST_TAGS {
                return Err(MALFORMED);
            }
        }
        if tags == 0 {
            return Err(MALFORMED);
        }
        Ok(Self::OneOf(versions))
    }

    /// Whether it accepts this version.
    pub fn accepts(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

struct Tag<'a> {
    weak: bool,
    opaque: &'a [u8],
}

impl<'a> Tag<'a> {
    fn first(text: &'a [u8]) -> Result<(Self, &'a [u8]), RequestError> {
        let (weak, quoted) = match text.strip_prefix(b"W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let inner = quoted.strip_prefix(b"\"").ok_or(MALFORMED)?;
        let end = inner.iter().position(|byte| *byte == b'"').ok_or(MALFORMED)?;
        let (opaque, after) = (&inner[..end], &inner[end + 1..]);
        // `etagc`: no control characters, no space.
        if opaque.iter().any(|byte| matches!(byte, 0..=0x20 | 0x7f)) {
            return Err(MALFORMED);
        }
        Ok((Self { weak, opaque }, after))
    }

    /// By strong comparison a weak tag matches nothing.
    fn version(&self) -> Option<Version> {
        if self.weak {
            return None;
        }
        Version::parse(str::from_utf8(self.opaque).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Option<Vec<u64>> {
        match IfMatch::parse(text.as_bytes()).ok()? {
            IfMatch::Any => Some(vec![]),
            IfMatch::OneOf(versions) => Some(versions.into_iter().map(Version::number).collect()),
        }
    }

    #[test]
    fn if_match_is_a_star_or_a_list_of_tags() {
        assert!(matches!(IfMatch::parse(b" * "), Ok(IfMatch::Any)));
        for (text, expected) in [
            ("\"1\"", vec![1]),
            ("\"1\",\"2\" , \"2\"", vec![1, 2]),
            (", \"7\",,", vec![7]),
            ("\"a,b\", \"3\"", vec![3]),
            ("\"\"", vec![]),
            ("\"01\"", vec![]),
        ] {
            assert_eq!(numbers(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_weak_tag_matches_nothing() {
        assert_eq!(numbers("W/\"1\""), Some(vec![]));
        assert!(!IfMatch::OneOf(vec![]).accepts(Version::FIRST));
    }

    #[test]
    fn a_malformed_if_match_is_refused() {
        for text in [
            "",
            " ",
            ",",
            "1",
            "\"1",
            "1\"",
            "\"1\" \"2\"",
            "*, \"1\"",
            "\"1\", *",
            "w/\"1\"",
            "W/ \"1\"",
            "\"a b\"",
            "\"\x7f\"",
        ] {
            assert_eq!(numbers(text), None, "{text}");
        }
        let many: Vec<String> = (1..=101).map(|n| format!("\"{n}\"")).collect();
        assert_eq!(numbers(&many.join(",")), None);
        assert_eq!(numbers(&many[1..].join(",")).map(|versions| versions.len()), Some(100));
    }

    /// Reading all of them first takes time that grows with the square of their number.
    #[test]
    fn a_list_of_a_million_tags_is_refused_at_the_first_that_is_too_many() {
        let many: Vec<String> = (1..=1_000_000).map(|n| format!("\"{n}\"")).collect();
        assert_eq!(numbers(&many.join(",")), None);
    }
}
