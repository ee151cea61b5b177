use serde_json::{Map, Value};
use serve::FieldError;

use crate::{
    fault::Fault,
    todo::{Description, Owner},
};

/// Members that a caller sees but cannot set.
const READ_ONLY: [&str; 5] = ["id", "owner", "created_at", "updated_at", "version"];

/// More faults than this say nothing new, and an answer must stay smaller than a request.
const MOST_ERRORS: usize = 32;

/// What `null` means for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Null {
    /// A value of the wrong type.
    WrongType,
    /// Taking the member away (RFC 7396), which no todo can be without.
    Removal,
}

/// The members of a body, taken one by one. Faults are gathered, and [`finish`](Self::finish)
/// names them all.
#[derive(Debug)]
pub(crate) struct Fields {
    members: Map<String, Value>,
    null: Null,
    errors: Vec<FieldError>,
}

impl Fields {
    pub(crate) fn of(json: Value, null: Null) -> Result<Self, Fault> {
        match json {
            Value::Object(members) => Ok(Self { members, null, errors: Vec::new() }),
            _ => Err(Fault::Fields(vec![FieldError {
                pointer: String::new(),
                code: "wrong_type",
                detail: "The body must be an object.".to_owned(),
            }])),
        }
    }

    pub(crate) fn description(&mut self) -> Option<Description> {
        let text = self.text("description")?;
        match Description::parse(&text) {
            Ok(description) => Some(description),
            Err(error) => {
                let code = match error {
                    crate::todo::DescriptionError::Empty => "too_short",
                    crate::todo::DescriptionError::TooLong => "too_long",
                };
                self.refuse("description", code, error.to_string())
            }
        }
    }

    pub(crate) fn completed(&mut self) -> Option<bool> {
        match self.take("completed")? {
            Value::Bool(completed) => Some(completed),
            _ => self.refuse("completed", "wrong_type", "It must be true or false."),
        }
    }

    pub(crate) fn owner(&mut self) -> Option<Owner> {
        let text = self.text("owner")?;
        match Owner::parse(&text) {
            Ok(owner) => Some(owner),
            Err(error) => {
                let code = match error {
                    crate::todo::OwnerError::Empty => "too_short",
                    crate::todo::OwnerError::TooLong => "too_long",
                    crate::todo::OwnerError::Characters => "bad_characters",
                };
                self.refuse("owner", code, error.to_string())
            }
        }
    }

    /// Notes that a user named an owner, if so.
    pub(crate) fn refuse_owner(&mut self) {
        if self.members.remove("owner").is_some() {
            let detail = "Only an application that acts for itself can name an owner.";
            self.refuse::<()>("owner", "not_allowed", detail);
        }
    }

    /// Notes that the member must be there, unless it is, or was there and will not do.
    pub(crate) fn require<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        let pointer = format!("/{name}");
        if value.is_none() && !self.errors.iter().any(|error| error.pointer == pointer) {
            self.refuse::<()>(name, "required", "It must be there.");
        }
        value
    }

    /// Judges the members that nobody took, and gives what was made of the others.
    ///
    /// # Errors
    /// All faults, when there are any.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Result<T, Fault> {
        for name in std::mem::take(&mut self.members).keys() {
            if self.errors.len() >= MOST_ERRORS {
                break;
            }
            if READ_ONLY.contains(&name.as_str()) {
                self.refuse::<()>(name, "read_only", "It cannot be set.");
            } else {
                self.refuse::<()>(name, "unknown_member", "A todo has no such member.");
            }
        }
        // Without a value there is at least one fault: that is why there is none.
        value.filter(|_| self.errors.is_empty()).ok_or(Fault::Fields(self.errors))
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.refuse(name, "wrong_type", "It must be a string."),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        match self.members.remove(name)? {
            Value::Null if self.null == Null::Removal => {
                self.refuse(name, "required", "It cannot be taken away.")
            }
            value => Some(value),
        }
    }

    fn refuse<T>(
        &mut self,
        name: &str,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Option<T> {
        // RFC 6901, section 3.
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        self.errors.push(FieldError { pointer, code, detail: detail.into() });
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn errors(
        body: Value,
        null: Null,
        take: impl FnOnce(&mut Fields),
    ) -> Vec<(String, &'static str)> {
        let mut fields = Fields::of(body, null).unwrap();
        take(&mut fields);
        match fields.finish(Some(())) {
            Err(Fault::Fields(errors)) => {
                errors.into_iter().map(|error| (error.pointer, error.code)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn take_all(fields: &mut Fields) {
        let description = fields.description();
        fields.require("description", description);
        fields.completed();
        fields.owner();
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let body = json!({
            "description": 7, "completed": "yes", "owner": "", "id": 1, "priority~/": null,
        });
        let expected = [
            ("/description".to_owned(), "wrong_type"),
            ("/completed".to_owned(), "wrong_type"),
            ("/owner".to_owned(), "too_short"),
            ("/id".to_owned(), "read_only"),
            ("/priority~0~1".to_owned(), "unknown_member"),
        ];
        assert_eq!(errors(body, Null::WrongType, take_all), expected);
    }

    #[test]
    fn a_required_member_is_missed_once() {
        let missing = [("/description".to_owned(), "required")];
        assert_eq!(errors(json!({}), Null::WrongType, take_all), missing);
        let null = json!({"description": null});
        assert_eq!(errors(null.clone(), Null::Removal, take_all), missing);
        let wrong = [("/description".to_owned(), "wrong_type")];
        assert_eq!(errors(null, Null::WrongType, take_all), wrong);
    }

    #[test]
    fn the_faults_of_a_huge_body_are_bounded() {
        let body: Map<String, Value> = (0..20_000).map(|n| (n.to_string(), json!(0))).collect();
        assert_eq!(errors(body.into(), Null::WrongType, take_all).len(), MOST_ERRORS);
    }

    #[test]
    fn a_body_that_is_no_object_is_refused_as_a_whole() {
        for body in [json!(null), json!([]), json!("x"), json!(1)] {
            let Err(Fault::Fields(errors)) = Fields::of(body, Null::WrongType) else {
                panic!("it was taken");
            };
            assert_eq!((errors[0].pointer.as_str(), errors[0].code), ("", "wrong_type"));
        }
    }
}
