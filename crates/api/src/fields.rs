use std::ops::ControlFlow;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, Value as Found, ValueKind,
    ValuePointerRef,
};
use serde_json::{Map, Value};
use serve::FieldError;

use crate::RequestError;

/// More errors than this say nothing new, and a response must stay smaller than a request.
const MAX_ERRORS: usize = 32;

/// The fields of a JSON body, not yet parsed.
#[derive(Debug)]
pub struct Fields {
    members: Map<String, Value>,
    is_patch: bool,
    errors: FieldErrors,
}

impl Fields {
    /// `is_patch`: the body is a merge patch, where null removes a field (RFC 7396).
    pub(crate) fn new(json: Value, is_patch: bool) -> Result<Self, RequestError> {
        let Value::Object(members) = json else {
            let mut errors = FieldErrors::default();
            errors.push(ValuePointerRef::Origin, "wrong_type", "The body must be an object.");
            return Err(RequestError::InvalidFields(errors.errors));
        };
        Ok(Self { members, is_patch, errors: FieldErrors::default() })
    }

    /// Refuses a field that this caller cannot set, if the body has it.
    pub fn refuse(&mut self, name: &str, code: &'static str, detail: &str) {
        if self.members.remove(name).is_some() {
            self.errors.push(ValuePointerRef::Origin.push_key(name), code, detail);
        }
    }

    /// Refuses the fields that only the server sets.
    pub fn refuse_read_only(&mut self, names: &[&str]) {
        for name in names {
            self.refuse(name, "read_only", "This field is read-only.");
        }
    }

    /// Requires a field that is optional for other callers.
    pub fn require(&mut self, name: &str) {
        if !self.members.contains_key(name) {
            self.errors.missing(name, ValuePointerRef::Origin);
        }
    }

    /// Parses the fields into a struct that derives [`Deserr`].
    ///
    /// # Errors
    /// [`RequestError::InvalidFields`] with one entry per invalid, missing or unknown field, in the
    /// order in which `T` declares them; the other fields follow.
    pub fn parse<T: Deserr<FieldErrors>>(self) -> Result<T, RequestError> {
        let Self { members, is_patch, mut errors } = self;
        let found = match deserr::deserialize::<T, _, FieldErrors>(Value::Object(members)) {
            Ok(value) if errors.errors.is_empty() => return Ok(value),
            Ok(_) => FieldErrors::default(),
            Err(found) => found,
        };
        errors.errors.extend(found.errors);
        errors.errors.truncate(MAX_ERRORS);
        let declared = declared_pointers::<T>();
        errors.errors.sort_by_key(|error| {
            declared.iter().position(|pointer| *pointer == error.pointer).unwrap_or(usize::MAX)
        });
        for error in errors.errors.iter_mut().filter(|error| error.code == NULL) {
            error.code = if is_patch { "required" } else { "wrong_type" };
            if is_patch {
                "This field cannot be removed.".clone_into(&mut error.detail);
            }
        }
        Err(RequestError::InvalidFields(errors.errors))
    }
}

/// Why a value of the right JSON type is invalid, as field types report it: a stable identifier, and
/// a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidValue(pub &'static str, pub &'static str);

/// One error per field. Structs that [`Fields::parse`] reads name it in `#[deserr(error = ...)]`.
#[derive(Debug, Default)]
pub struct FieldErrors {
    errors: Vec<FieldError>,
    /// The pointers of the struct's fields, known once a field is unknown.
    declared: Vec<String>,
}

/// Stands for null where another type is expected, until [`Fields::parse`] says what that means.
const NULL: &str = "null";

impl FieldErrors {
    fn push(&mut self, location: ValuePointerRef<'_>, code: &'static str, detail: &str) {
        let (pointer, detail) = (json_pointer(location), detail.to_owned());
        self.errors.push(FieldError { pointer, code, detail });
    }

    fn missing(&mut self, name: &str, location: ValuePointerRef<'_>) {
        self.push(location.push_key(name), "required", "This field is required.");
    }

    fn flow(self) -> ControlFlow<Self, Self> {
        if self.errors.len() < MAX_ERRORS {
            ControlFlow::Continue(self)
        } else {
            ControlFlow::Break(self)
        }
    }
}

impl DeserializeError for FieldErrors {
    fn error<V: IntoValue>(
        errors: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let mut errors = errors.unwrap_or_default();
        match error {
            ErrorKind::MissingField { field } => errors.missing(field, location),
            ErrorKind::UnknownKey { key, accepted } => {
                errors.declared =
                    accepted.iter().map(|name| json_pointer(location.push_key(name))).collect();
                errors.push(location.push_key(key), "unknown_member", "Unknown field.");
            }
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let code = if matches!(actual, Found::Null) { NULL } else { "wrong_type" };
                errors.push(location, code, &wrong_type(accepted));
            }
            ErrorKind::UnknownValue { .. }
            | ErrorKind::BadSequenceLen { .. }
            | ErrorKind::Unexpected { .. } => {
                errors.push(location, "invalid", "This value is invalid.");
            }
        }
        errors.flow()
    }
}

impl MergeWithError<Self> for FieldErrors {
    fn merge(
        errors: Option<Self>,
        other: Self,
        _location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let mut errors = errors.unwrap_or_default();
        errors.errors.extend(other.errors);
        errors.flow()
    }
}

impl MergeWithError<InvalidValue> for FieldErrors {
    fn merge(
        errors: Option<Self>,
        InvalidValue(code, detail): InvalidValue,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let mut errors = errors.unwrap_or_default();
        errors.push(location, code, detail);
        errors.flow()
    }
}

/// The pointers of `T`'s fields, in order. Only the error about an unknown field names them.
fn declared_pointers<T: Deserr<FieldErrors>>() -> Vec<String> {
    let unknown = Value::Object(Map::from_iter([(String::new(), Value::Null)]));
    let errors = deserr::deserialize::<T, _, FieldErrors>(unknown).err();
    errors.map(|errors| errors.declared).unwrap_or_default()
}

fn wrong_type(accepted: &[ValueKind]) -> String {
    let names: Vec<String> = accepted.iter().map(ToString::to_string).collect();
    format!("This field's type must be {}.", names.join(" or ").to_lowercase())
}

/// RFC 6901, section 3.
fn json_pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => {
            format!("{}/{}", json_pointer(*prev), key.replace('~', "~0").replace('/', "~1"))
        }
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", json_pointer(*prev)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserr)]
    #[deserr(error = FieldErrors, deny_unknown_fields)]
    #[expect(dead_code, reason = "only its errors are tested")]
    struct Note {
        text: Text,
        #[deserr(default)]
        pinned: bool,
        #[deserr(default)]
        due: Option<Text>,
    }

    #[derive(Debug, Deserr)]
    #[deserr(try_from(&String) = Text::parse -> InvalidValue)]
    struct Text;

    impl Text {
        fn parse(text: &str) -> Result<Self, InvalidValue> {
            if text.is_empty() { Err(InvalidValue("too_short", "Too short.")) } else { Ok(Self) }
        }
    }

    fn errors(body: Value, is_patch: bool) -> Vec<(String, &'static str)> {
        let mut fields = Fields::new(body, is_patch).unwrap();
        fields.refuse_read_only(&["id"]);
        match fields.parse::<Note>() {
            Err(RequestError::InvalidFields(errors)) => {
                errors.into_iter().map(|error| (error.pointer, error.code)).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_invalid_field_is_listed_in_the_order_of_the_struct() {
        let body = json!({
            "text": 7, "pinned": "yes", "due": "", "id": 1, "priority~/": null,
        });
        let expected = [
            ("/text", "wrong_type"),
            ("/pinned", "wrong_type"),
            ("/due", "too_short"),
            ("/id", "read_only"),
            ("/priority~0~1", "unknown_member"),
        ];
        let expected = expected.map(|(pointer, code)| (pointer.to_owned(), code));
        assert_eq!(errors(body, false), expected);
    }

    #[test]
    fn a_missing_required_field_is_listed_once() {
        let missing = [("/text".to_owned(), "required")];
        assert_eq!(errors(json!({}), false), missing);
        let wrong = [("/text".to_owned(), "wrong_type")];
        assert_eq!(errors(json!({"text": null}), false), wrong);
        assert_eq!(errors(json!({"text": "x", "due": null}), false), []);
    }

    #[test]
    fn a_merge_patch_cannot_remove_a_required_field() {
        assert_eq!(errors(json!({"text": null}), true), [("/text".to_owned(), "required")]);
        let expected = [("/pinned".to_owned(), "required")];
        assert_eq!(errors(json!({"text": "x", "pinned": null, "due": null}), true), expected);
    }

    #[test]
    fn the_errors_of_a_huge_body_are_limited() {
        let body: Map<String, Value> = (0..20_000).map(|n| (n.to_string(), json!(0))).collect();
        assert_eq!(errors(body.into(), false).len(), MAX_ERRORS);
    }

    #[test]
    fn a_body_that_is_not_an_object_is_refused_as_a_whole() {
        for body in [json!(null), json!([]), json!("x"), json!(1)] {
            let Err(RequestError::InvalidFields(errors)) = Fields::new(body, false) else {
                panic!("it was accepted");
            };
            assert_eq!((errors[0].pointer.as_str(), errors[0].code), ("", "wrong_type"));
        }
    }
}
