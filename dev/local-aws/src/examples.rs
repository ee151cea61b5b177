use std::{fs, io, path::Path};

/// Where the examples are.
pub const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

/// `template` with the resources of each `examples/*/template.yaml`. The `CodeUri` of a resource
/// there is `.`: here it is what `code` makes of the name of its folder.
///
/// # Errors
/// When an example cannot be read.
pub fn with_examples(template: &str, code: impl Fn(&str) -> String) -> io::Result<String> {
    let mut folders = fs::read_dir(EXAMPLES)?
        .map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    folders.sort();
    let mut resources = String::new();
    for folder in folders {
        let file = Path::new(EXAMPLES).join(&folder).join("template.yaml");
        if file.is_file() {
            let text = fs::read_to_string(file)?;
            let (_, own) = text.split_once("Resources:\n").unwrap_or_default();
            let code = format!("CodeUri: {}\n", code(&folder));
            resources.push_str(&own.replace("CodeUri: .\n", &code));
        }
    }
    Ok(template.replacen("\nResources:\n", &format!("\nResources:\n{resources}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Template;

    #[test]
    fn the_examples_add_their_functions_and_routes_and_change_nothing_else() {
        let text = include_str!("../../../template.yaml");
        let with = with_examples(text, |folder| format!("/code/{folder}")).unwrap();
        let (without, with) = (Template::project(), Template::parse(&with).unwrap());
        for (id, resource) in without.resources() {
            assert_eq!(with.resources()[id], *resource, "{id}");
        }
        let rust = &with.resources()["OrdersRustFunction"]["Properties"];
        assert_eq!(rust["CodeUri"], "/code/orders-rust");
        let routes = with.routes().unwrap();
        assert!(routes.iter().any(|route| route.key() == "ANY /api/orders-rust"), "{routes:?}");
        assert!(without.routes().unwrap().iter().all(|it| !it.key().contains("/api/orders")));
    }
}
