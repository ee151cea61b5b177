//! What each route does.

{{if write}}
use api::{JsonBody, RequestError};
{{end}}
use auth::{Caller, axum::Authorized};
use axum::Json;
{{if write}}
use deserr::Deserr;
{{end}}
use serde::Serialize;

{{if write}}
use crate::permission::{Read, Write};
{{end}}
{{if read-only}}
use crate::permission::Read;
{{end}}

/// Who calls: a placeholder for what this API is about.
#[derive(Debug, Serialize)]
pub(crate) struct CallerName {
    caller: String,
}

/// `GET /api/{{name}}`
pub(crate) async fn read(Authorized { caller, .. }: Authorized<Read>) -> Json<CallerName> {
    Json(CallerName { caller: name(&caller) })
}
{{if write}}

/// The body of `POST`. Add fields here: errors in the body follow from the derive.
#[derive(Debug, Deserr)]
#[deserr(error = api::FieldErrors, deny_unknown_fields)]
pub(crate) struct NewText {
    text: String,
}

/// The text, and who sent it.
#[derive(Debug, Serialize)]
pub(crate) struct SentText {
    caller: String,
    text: String,
}

/// `POST /api/{{name}}`
pub(crate) async fn write(
    Authorized { caller, .. }: Authorized<Write>,
    JsonBody(fields): JsonBody,
) -> Result<Json<SentText>, RequestError> {
    let NewText { text } = fields.parse()?;
    Ok(Json(SentText { caller: name(&caller), text }))
}
{{end}}

fn name(caller: &Caller) -> String {
    match caller {
        Caller::User(user) => user.owner().to_owned(),
        Caller::App(app) => app.subject.clone(),
    }
}
