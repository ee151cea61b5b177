use api::openapi::ApiConventions;
use utoipa::{Modify, OpenApi, openapi};

use crate::routes::{about, create, delete, list, read, update};

/// The OpenAPI document, generated from the annotations of the routes.
///
/// The function serves `openapi.json`, which `cargo run -p todos --example openapi` prints.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        description = "Keeps todos. A user sees their own; an application that acts for itself \
            sees every user's.\n\nErrors are `application/problem+json` (RFC 9457), with a stable \
            `code`.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    tags(
        (name = "todos", description = "The todos"),
        (name = "about", description = "About this API"),
    ),
    paths(
        list::list,
        create::create,
        read::read,
        update::replace,
        update::change,
        delete::delete,
        about::openapi,
        about::resource_metadata,
        about::api_metadata,
    ),
    modifiers(&ApiConventions, &Title),
)]
pub struct Api;

/// Sets the title, which has the product's name.
struct Title;

impl Modify for Title {
    fn modify(&self, document: &mut openapi::OpenApi) {
        document.info.title = format!("{} todo API", settings::PRODUCT);
    }
}
