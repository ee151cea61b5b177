//! `cargo xtask new function`: an API function with everything that names it.

mod name;
mod template;

use crate::{command, workspace::Workspace};
use anyhow::{Context, Result, bail, ensure};
use clap::Subcommand;
use name::{Name, Scope};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};
use template::Template;

#[derive(Subcommand)]
pub(crate) enum New {
    /// Writes an API function with a protected route, its tests, and all entries that name it
    Function(Arguments),
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Its name: the folder, the package, and the route `/api/NAME`
    name: Name,
    /// The scope that allows reading; given again, the one that allows writing. Each has an app
    /// role `SCOPE.All`. Default: `Name.Read` and `Name.ReadWrite`
    #[arg(long)]
    scope: Vec<Scope>,
    /// Only writes the files: does not format them and does not update tables and Cargo.lock
    #[arg(long)]
    files_only: bool,
}

/// Where templates are, from the root.
const TEMPLATES: &str = "dev/xtask/templates";

/// The files to write, by their paths from the root.
type Files = BTreeMap<PathBuf, String>;

/// Writes what is asked for. Nothing is written unless everything can be.
///
/// # Errors
/// When a name or a scope is taken, or the repository is not as the templates expect.
pub(crate) fn run(workspace: &Workspace, New::Function(arguments): &New) -> Result<ExitCode> {
    let root = workspace.root();
    let Arguments { name, scope, files_only } = arguments;
    let scopes = match scope.as_slice() {
        [] => name.default_scopes(),
        [_] | [_, _] => scope.clone(),
        _ => bail!("a function has at most two scopes, one to read and one to write"),
    };
    check(root, name, &scopes)?;
    let template = Template::new(name, &scopes);
    let mut new = Files::new();
    add_folder(&root.join(TEMPLATES).join("function"), Path::new(""), &template, &mut new)?;
    let folder = Path::new("functions").join(name.as_str());
    let new: Files = new.into_iter().map(|(file, text)| (folder.join(file), text)).collect();
    let changed = changed(root, &template)?;
    for (file, text) in new.iter().chain(&changed) {
        let file = root.join(file);
        fs::create_dir_all(file.parent().unwrap_or(root))
            .and_then(|()| fs::write(&file, text))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    for (verb, files) in [("created", &new), ("changed", &changed)] {
        for file in files.keys() {
            println!("{verb} {}", file.display());
        }
    }
    if !files_only {
        update(root, name)?;
    }
    println!("\nNext:\n  cargo test -p {name}\n  cargo run\n\ndocs/extend.md says how to go on.");
    Ok(ExitCode::SUCCESS)
}

/// Whether the names are free.
fn check(root: &Path, name: &Name, scopes: &[Scope]) -> Result<()> {
    let folder = format!("functions/{name}");
    ensure!(!root.join(&folder).exists(), "{folder} exists");
    let locked = read(root, "Cargo.lock")?;
    ensure!(!locked.contains(&format!("\nname = \"{name}\"\n")), "{name} is a package already");
    let permissions = read(root, "crates/permissions/src/lib.rs")?;
    let constant = format!("pub const {}:", name.constant());
    ensure!(!permissions.contains(&constant), "crates/permissions has {constant}");
    let mut names: Vec<_> =
        scopes.iter().flat_map(|scope| [scope.to_string(), format!("{scope}.All")]).collect();
    for name in &names {
        let is_taken = permissions.contains(&format!("\"{name}\""));
        ensure!(!is_taken, "the scope or app role {name} exists");
    }
    names.sort();
    names.dedup();
    ensure!(names.len() == 2 * scopes.len(), "the two scopes and their roles must differ");
    Ok(())
}

fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
}

/// The templates in a folder, each filled in, by the path of its file.
fn add_folder(folder: &Path, path: &Path, template: &Template, files: &mut Files) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?.path();
        let name = path.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            add_folder(&entry, &name, template, files)?;
        } else if name.extension().is_some_and(|it| it == "template") {
            files.insert(name.with_extension(""), template.fill(&fs::read_to_string(&entry)?)?);
        }
    }
    Ok(())
}

/// The files that name each function, with this one added.
fn changed(root: &Path, template: &Template) -> Result<Files> {
    let entries = template.fill(&read(root, &format!("{TEMPLATES}/function-entries.template"))?)?;
    let mut files = Files::new();
    for entry in entries.split(">>> ").skip(1) {
        let (head, text) = entry.split_once('\n').context("an entry has a line of its own")?;
        let mut parts = head.splitn(3, " | ");
        let (Some(file), Some(place), Some(anchor)) = (parts.next(), parts.next(), parts.next())
        else {
            bail!("{head}: an entry begins with `>>> FILE | before or within | ANCHOR`");
        };
        let before = files.remove(Path::new(file)).map_or_else(|| read(root, file), Ok)?;
        let anchor = anchor.replace("\\n", "\n");
        let after = insert(&before, place, &anchor, text).with_context(|| file.to_owned())?;
        files.insert(file.into(), after);
    }
    Ok(files)
}

/// Adds text before an anchor, which must occur once: lines before the line that begins with it,
/// or text within a line.
fn insert(into: &str, place: &str, anchor: &str, text: &str) -> Result<String> {
    // A logical id of template.yaml, or the key of a table.
    let taken = text.lines().filter(|line| line.starts_with("  ") && line.ends_with(':'));
    for line in taken.filter(|line| !line.starts_with("   ")) {
        ensure!(!into.contains(&format!("\n{line}\n")), "it has {} already", line.trim());
    }
    let route = text.lines().filter(|line| line.contains("Path: /"));
    for line in route {
        ensure!(!into.contains(line), "it has the route already: {}", line.trim());
    }
    let text = text.strip_suffix('\n').unwrap_or(text);
    let line = if place == "before" { "\n" } else { "" };
    let (anchor, text) = (format!("{line}{anchor}"), format!("{line}{text}"));
    let mut found = into.match_indices(&anchor);
    let (Some((at, _)), None) = (found.next(), found.next()) else {
        bail!("it must have once: {}", anchor.trim());
    };
    Ok([&into[..at], &text, &into[at..]].concat())
}

/// Formats what was written, and brings Cargo.lock and the tables of the documents up to date.
fn update(root: &Path, name: &Name) -> Result<()> {
    let mut format = command::cargo(root);
    format.args(["fmt", "-p", name.as_str(), "-p", "all-functions", "-p", "permissions"]);
    command::must(&mut format)?;
    let mut tables = command::cargo(root);
    tables.args(["test", "-q", "-p", "all-functions", "-p", "local-aws", "has_the_table"]);
    command::must(tables.env("UPDATE", "1")).context(
        "the files are written, but not the tables: run UPDATE=1 cargo test -p all-functions -p \
         local-aws",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without white space: templates are not formatted.
    fn dense(text: &str) -> String {
        text.split_whitespace().collect()
    }

    #[test]
    fn the_example_in_rust_is_what_a_new_function_is_apart_from_its_routes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let scopes = ["ToDoList.Read", "ToDoList.ReadWrite"].map(|it| it.parse().unwrap());
        let template = Template::new(&"orders-rust".parse().unwrap(), &scopes);
        let mut files = Files::new();
        let folder = root.join(TEMPLATES).join("function/src");
        add_folder(&folder, Path::new(""), &template, &mut files).unwrap();
        files.remove(Path::new("routes.rs")).unwrap();
        assert!(files.len() > 5);
        for (file, text) in files {
            let example = root.join("examples/orders-rust/src").join(&file);
            let example = fs::read_to_string(example).unwrap();
            let text = text.replace("permissions::ORDERS_RUST", "permissions::TODOS");
            assert_eq!(dense(&example), dense(&text), "{}", file.display());
        }
    }
}
