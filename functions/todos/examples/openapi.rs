//! Prints the OpenAPI document that the routes' attributes make. It is served from a file, so that
//! no cold start has to make it, and a test compares the two:
//!
//! ```sh
//! cargo run -p todos --example openapi > functions/todos/openapi.json
//! ```

use utoipa::OpenApi as _;

fn main() {
    println!("{}", todos::Api::openapi().to_json().expect("a document is JSON"));
}
