use std::borrow::Cow;

use auth::AcrValues;
use serde_json::json;
use settings::StepUpMethod;

/// The parameter that requests one of these values.
pub(crate) fn parameter(
    method: StepUpMethod,
    values: &AcrValues,
) -> Option<(&'static str, Cow<'_, str>)> {
    match method {
        StepUpMethod::AcrValues => Some(("acr_values", values.as_str().into())),
        StepUpMethod::Acrs => {
            let mut acrs = json!({ "essential": true });
            match values.as_str().split(' ').collect::<Vec<_>>()[..] {
                [only] => acrs["value"] = only.into(),
                ref several => acrs["values"] = several.into(),
            }
            Some(("claims", json!({ "id_token": { "acrs": acrs } }).to_string().into()))
        }
        StepUpMethod::None => None,
    }
}
