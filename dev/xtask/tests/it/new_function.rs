//! `cargo xtask new function` in a copy of the repository: what it writes compiles, its tests pass,
//! and every list that a test holds to `template.yaml` has the new function.

use crate::root;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A copy of the tracked files, with a target folder of its own.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Self {
        let (root, folder) = (root(), Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        let _ = fs::remove_dir_all(&folder);
        let files = Command::new("git").args(["ls-files", "-z"]).current_dir(&root).output();
        let files = String::from_utf8(files.unwrap().stdout).unwrap();
        assert!(files.len() > 1000, "{} is not a clone", root.display());
        // A file that was deleted and not committed is still listed.
        for file in files.split_terminator('\0').filter(|file| root.join(file).is_file()) {
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::copy(root.join(file), folder.join(file)).unwrap();
            // What is older than what was built from it need not be built again. In `dev`, it must:
            // those packages read files outside of them, where Cargo looks at the original.
            if !file.starts_with("dev/") {
                let modified = fs::metadata(root.join(file)).unwrap().modified().unwrap();
                let copy = fs::File::options().write(true).open(folder.join(file)).unwrap();
                copy.set_modified(modified).unwrap();
            }
        }
        Self(folder)
    }

    fn new_function(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["new", "function", "--files-only"]).args(arguments);
        command.env("CARGO_MANIFEST_DIR", self.0.join("dev/xtask")).output().unwrap()
    }

    fn creates(&self, arguments: &[&str]) {
        let output = self.new_function(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Fails, says why, and leaves all files as they are.
    fn refuses(&self, arguments: &[&str], why: &str) {
        let before = self.texts();
        let output = self.new_function(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(why), "{arguments:?}: {error}");
        assert_eq!(self.texts(), before, "{arguments:?}");
    }

    fn texts(&self) -> Vec<(PathBuf, String)> {
        let text = |file: PathBuf| (file.clone(), fs::read_to_string(file).unwrap());
        ["toml", "yaml", ".rs", ".md"]
            .iter()
            .flat_map(|it| crate::files(&self.0, it))
            .map(text)
            .collect()
    }

    /// Fills the copy's target folder with the libraries that are built already.
    ///
    /// Cargo identifies a member by its path in the workspace. In a shared folder it would take the
    /// copy's members for ours.
    fn take_built_libraries(&self) {
        let from = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("debug");
        let _ = fs::remove_dir_all(self.target());
        let to = self.target().join("debug");
        fs::create_dir_all(to.join("deps")).unwrap();
        // Cargo writes into these files, so they are copied. Compilers replace the others.
        let mut copy = Command::new("cp");
        copy.arg("-a").args([from.join(".fingerprint"), from.join("build")]).arg(&to);
        assert!(copy.status().unwrap().success());
        for file in fs::read_dir(from.join("deps")).unwrap().map(|it| it.unwrap().path()) {
            let is_library = |it: &std::ffi::OsStr| {
                ["rlib", "rmeta", "so", "dylib"].contains(&it.to_str().unwrap())
            };
            if file.extension().is_some_and(is_library) {
                fs::hard_link(&file, to.join("deps").join(file.file_name().unwrap())).unwrap();
            }
        }
    }

    fn target(&self) -> PathBuf {
        self.0.with_extension("target")
    }

    fn cargo(&self, arguments: &[&str]) {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .env("CARGO_TARGET_DIR", self.target())
            .env("UPDATE", "1")
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {arguments:?}: {text}");
    }
}

#[test]
fn a_new_function_compiles_and_passes_its_tests_and_is_in_every_list() {
    let copy = Copy::new("new-function");
    copy.creates(&["order-items"]);
    copy.creates(&["notes", "--scope", "Notes.Read"]);
    copy.cargo(&["fmt", "-p", "notes", "-p", "order-items", "-p", "permissions"]);
    copy.take_built_libraries();
    // The last four ask for features of dependencies. With these, dependencies are those that are
    // built already for the whole workspace.
    let packages = ["notes", "order-items", "all-functions", "local-aws"];
    let features = ["black-box", "entra", "oidc-resource-server", "stack"];
    let packages = packages.iter().chain(&features).flat_map(|it| ["-p", it]);
    let targets = ["--lib", "--test", "routes", "--test", "sources", "--test", "store"];
    let test = ["test", "--all-features", "--offline"];
    copy.cargo(&test.into_iter().chain(targets).chain(packages).collect::<Vec<_>>());
}

#[test]
fn a_name_or_scope_that_is_taken_is_refused_and_nothing_is_written() {
    let copy = Copy::new("refused-function");
    copy.refuses(&["todos"], "functions/todos exists");
    copy.refuses(&["serde"], "serde is a package already");
    copy.refuses(&["access"], "AccessLog");
    copy.refuses(&["hierarchies"], "HIERARCHIES");
    copy.refuses(&["Notes"], "lowercase letters");
    copy.refuses(&["notes", "--scope", "ToDoList.Read"], "ToDoList.Read exists");
    copy.refuses(&["notes", "--scope", "A.Read", "--scope", "A.Read"], "must differ");
    copy.refuses(&["notes", "--scope", "a", "--scope", "b", "--scope", "c"], "at most two");
}
