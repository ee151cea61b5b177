use http::{HeaderMap, header::CONTENT_TYPE};

/// Whether the body is an HTML form (`application/x-www-form-urlencoded`), by the only
/// `Content-Type` header: with two of them, another reader may go by the other one.
pub fn is_form(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let media_type = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_form_has_one_content_type_which_may_have_parameters() {
        let check = |values: &[&'static str], expected| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
            }
            assert_eq!(is_form(&headers), expected, "{values:?}");
        };
        check(&["application/x-www-form-urlencoded"], true);
        check(&["Application/X-WWW-Form-Urlencoded ; charset=utf-8"], true);
        check(&[], false);
        check(&["application/json"], false);
        check(&["application/x-www-form-urlencoded", "application/json"], false);
        check(&["application/x-www-form-urlencoded", "application/x-www-form-urlencoded"], false);
    }
}
