//! The query of a list, read strictly: lenient decoders replace what isn't UTF-8 with U+FFFD, and a
//! filter would then search for another owner.

use api::RequestError;
use percent_encoding::percent_decode_str;

use crate::todo::Owner;

/// `?limit=&cursor=&owner=`. Other parameters are ignored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) limit: Limit,
    /// Not yet checked: that depends on whose list it is.
    pub(crate) cursor: Option<String>,
    /// Not yet checked: a user cannot send one at all.
    pub(crate) owner: Option<String>,
}

/// The maximum number of todos on a page: 1 to 100, 25 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(u8);

impl ListQuery {
    pub(crate) fn parse(query: &str) -> Result<Self, RequestError> {
        let (mut limit, mut cursor, mut owner) = (None, None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            let place = match name.as_str() {
                "limit" => &mut limit,
                "cursor" => &mut cursor,
                "owner" => &mut owner,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(malformed("repeated_parameter", "A parameter is repeated."));
            }
        }
        let limit = limit.as_deref().map_or(Ok(Limit::DEFAULT), Limit::parse)?;
        Ok(Self { limit, cursor, owner })
    }
}

impl Limit {
    const DEFAULT: Self = Self(25);

    fn parse(text: &str) -> Result<Self, RequestError> {
        // `parse` alone would take a plus sign.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && (1..=100).contains(number));
        number.map(Self).ok_or(malformed("bad_limit", "limit must be a number from 1 to 100."))
    }

    pub(crate) fn count(self) -> usize {
        self.0.into()
    }
}

/// The owner that an application names to narrow its list.
pub(crate) fn owner(text: &str) -> Result<Owner, RequestError> {
    Owner::parse(text).map_err(|_| malformed("bad_owner", "owner is not a valid id."))
}

fn malformed(code: &'static str, detail: &'static str) -> RequestError {
    RequestError::Malformed { code, detail }
}

fn decode(text: &str) -> Result<String, RequestError> {
    let fault = || malformed("malformed_query", "The query is not properly percent-encoded.");
    let whole = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    if !text.split('%').skip(1).all(whole) {
        return Err(fault());
    }
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8().map_err(|_| fault())?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &str) -> &'static str {
        match ListQuery::parse(query) {
            Err(RequestError::Malformed { code, .. }) => code,
            other => panic!("{query} gave {other:?}"),
        }
    }

    #[test]
    fn a_query_is_optional_in_all_its_parts() {
        for query in ["", "&", "x=1&x=2", "limit=25"] {
            let expected = ListQuery { limit: Limit(25), cursor: None, owner: None };
            assert_eq!(ListQuery::parse(query).unwrap(), expected, "{query}");
        }
        let query = ListQuery::parse("owner=a+b%2Bc%C3%A4&limit=100&c%75rsor=x%3D").unwrap();
        assert_eq!(query.limit.count(), 100);
        assert_eq!(query.cursor.as_deref(), Some("x="));
        assert_eq!(query.owner.as_deref(), Some("a b+cä"));
    }

    #[test]
    fn a_limit_is_a_number_from_1_to_100() {
        for text in
            ["", "0", "101", "256", "-1", "+5", "%2B5", "5.0", "ten", "1e1", "%D9%A1", "5,5"]
        {
            assert_eq!(code(&format!("limit={text}")), "bad_limit", "{text}");
        }
        assert_eq!(code("limit"), "bad_limit");
    }

    #[test]
    fn a_parameter_cannot_be_there_twice() {
        assert_eq!(code("limit=1&limit=1"), "repeated_parameter");
        assert_eq!(code("owner=a&%6Fwner=b"), "repeated_parameter");
    }

    #[test]
    fn broken_encoding_is_refused_wherever_it_is() {
        for query in ["owner=%ff", "cursor=%", "cursor=%4", "x=%zz", "%C3=1", "owner=%+1"] {
            assert_eq!(code(query), "malformed_query", "{query}");
        }
    }
}
