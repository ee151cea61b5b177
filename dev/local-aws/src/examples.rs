use std::{fs, io, path::Path};

use crate::{Template, TemplateError};

/// Where the examples are.
pub const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

impl Template {
    /// The `template.yaml` of this workspace with the examples' functions. Their `CodeUri` is the path
    /// of their folder.
    ///
    /// # Errors
    /// When an example's template is wrong.
    ///
    /// # Panics
    /// Where the workspace is not.
    pub fn with_examples() -> Result<Self, TemplateError> {
        let text = with_examples(include_str!("../../../template.yaml"), |folder| {
            Some(format!("{EXAMPLES}/{folder}"))
        });
        Self::parse(&text.expect("the examples are in the workspace"))
    }
}

/// `template` with the resources of each `examples/*/template.yaml`. The `CodeUri` of a resource
/// there is `.`: here it is what `code` makes of the name of its folder. With `None`, the example is
/// left out.
///
/// # Errors
/// When an example cannot be read.
pub fn with_examples(template: &str, code: impl Fn(&str) -> Option<String>) -> io::Result<String> {
    let mut folders = fs::read_dir(EXAMPLES)?
        .map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    folders.sort();
    let mut resources = String::new();
    for folder in folders {
        let file = Path::new(EXAMPLES).join(&folder).join("template.yaml");
        if let Some(code) = code(&folder)
            && file.is_file()
        {
            let text = fs::read_to_string(file)?;
            let (_, own) = text.split_once("Resources:\n").unwrap_or_default();
            let code = format!("CodeUri: {code}\n");
            resources.push_str(&own.replace("CodeUri: .\n", &code));
        }
    }
    Ok(template.replacen("\nResources:\n", &format!("\nResources:\n{resources}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_add_their_functions_and_routes_and_change_nothing_else() {
        let (without, with) = (Template::project(), Template::with_examples().unwrap());
        for (id, resource) in without.resources() {
            assert_eq!(with.resources()[id], *resource, "{id}");
        }
        let rust = &with.resources()["OrdersRustFunction"]["Properties"];
        assert!(Path::new(rust["CodeUri"].as_str().unwrap()).join("src/main.rs").is_file());
        let routes = with.routes().unwrap();
        assert!(routes.iter().any(|route| route.key() == "ANY /api/orders-rust"), "{routes:?}");
        assert!(without.routes().unwrap().iter().all(|it| !it.key().contains("/api/orders")));
    }
}
