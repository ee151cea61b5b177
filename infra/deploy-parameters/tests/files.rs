//! Both files, as people and tools write them.

#![allow(clippy::unwrap_used)] // A file that cannot be read fails the test.

use std::{fs, path::Path};

use deploy_parameters::{Configuration, may_be_written, write};
use tempfile::TempDir;

const REQUIRED: &str = "Issuer = \"https://login.example\"\nClientId = \"web\"\nScopes = \"api\"\nAudience = \"api\"\n";

/// A folder with `samconfig.toml`: this environment, and what people decide in it.
fn folder(decided: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "version = 0.1\n[dev.global.parameters]\nstack_name = \"tollgate-dev\"\n\n\
         [dev.global.parameters.parameter_overrides]\n\
         \"$include\" = \"file://samconfig.dev.toml\"\n{decided}"
    );
    fs::write(folder.path().join("samconfig.toml"), text).unwrap();
    folder
}

fn read(folder: &TempDir) -> Result<Configuration, String> {
    let file = folder.path().join("samconfig.toml");
    let read = Configuration::read(&file, "dev", folder.path());
    // The folder's name is another each time.
    read.map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

fn generate(folder: &TempDir, values: &[(&str, &str)]) {
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    write(&folder.path().join("samconfig.dev.toml"), &values).unwrap();
}

#[test]
fn people_s_values_win_over_generated_ones_and_it_is_told() {
    let folder = folder(
        "LogLevel = \"DEBUG\"\nSessionMaxHours = 8\nCorsOrigins = [\"https://a.example\", \"https://b.example\"]\n",
    );
    generate(&folder, &[("LogLevel", "INFO"), ("Issuer", "https://login.example")]);
    let configuration = read(&folder).unwrap();
    let value = |name: &str| configuration.get(name).map(|it| (it.value.clone(), it.is_decided));
    assert_eq!(value("LogLevel"), Some(("DEBUG".to_owned(), true)));
    assert_eq!(value("Issuer"), Some(("https://login.example".to_owned(), false)));
    assert_eq!(value("SessionMaxHours"), Some(("8".to_owned(), true)));
    assert_eq!(value("CorsOrigins").unwrap().0, "https://a.example,https://b.example");
    let [replaced] = configuration.replaced() else { panic!("{:?}", configuration.replaced()) };
    assert_eq!((replaced.name.as_str(), replaced.generated.as_str()), ("LogLevel", "INFO"));
}

#[test]
fn an_unknown_parameter_is_an_error_with_its_line() {
    let error = read(&folder("SessionMaxHour = 8\n")).unwrap_err();
    insta::assert_snapshot!(error, @"samconfig.toml, line 7: template.yaml has no parameter SessionMaxHour; did you mean SessionMaxHours?");
}

#[test]
fn a_value_that_sam_would_pass_on_in_python_s_words_is_an_error() {
    let error = read(&folder("Metrics = true\n")).unwrap_err();
    insta::assert_snapshot!(error, @r#"samconfig.toml, line 7: write Metrics as text in quotes, such as Metrics = "true""#);
}

#[test]
fn missing_parameters_are_named_with_the_place_to_add_them() {
    let folder = folder("");
    generate(&folder, &[("Issuer", "https://login.example")]);
    let error = read(&folder).unwrap().check_complete().unwrap_err().to_string();
    let error = error.replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(error, @r#"
    required parameters are missing. Add to samconfig.toml, line 5, below [dev.global.parameters.parameter_overrides]:
      Audience = "…"
      ClientId = "…"
    "#);
    generate(&folder, &[("ClientId", "web"), ("Audience", "api")]);
    read(&folder).unwrap().check_complete().unwrap();
}

#[test]
fn a_list_of_one_command_would_hide_both_files() {
    let folder =
        folder(&format!("{REQUIRED}[dev.deploy.parameters]\nparameter_overrides = [\"A=1\"]\n"));
    insta::assert_snapshot!(read(&folder).unwrap_err(), @"samconfig.toml, line 12: move the parameters of deploy to the section `global`: SAM would take this list in its place");
}

#[test]
fn what_says_which_stack_is_in_the_section_global_alone() {
    for name in ["stack_name", "region", "profile"] {
        for section in ["deploy", "build", "xtask"] {
            let folder = folder(&format!("[dev.{section}.parameters]\n{name} = \"other\"\n"));
            let error = read(&folder).unwrap_err();
            assert_eq!(
                error,
                format!(
                    "samconfig.toml, line 8: move {name} to [dev.global.parameters]: only SAM would \
                     read it in the section {section}"
                )
            );
        }
    }
}

#[test]
fn a_generated_file_is_not_written_through_a_link() {
    let folder = folder("");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("target"), "as it was").unwrap();
    std::os::unix::fs::symlink(path("target"), path("samconfig.dev.new")).unwrap();
    generate(&folder, &[("LogLevel", "INFO")]);
    assert_eq!(fs::read_to_string(path("target")).unwrap(), "as it was");
    assert!(!path("samconfig.dev.toml").is_symlink());
}

#[test]
fn a_value_above_the_included_file_would_not_win() {
    let folder = folder("");
    let file = folder.path().join("samconfig.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, text.replace("\"$include\"", "LogLevel = \"DEBUG\"\n\"$include\"")).unwrap();
    insta::assert_snapshot!(read(&folder).unwrap_err(), @r#"samconfig.toml, line 6: move LogLevel below "$include": SAM takes the last value"#);
}

#[test]
fn a_file_without_the_included_file_gets_the_lines_to_add() {
    let folder = folder("");
    let text = "[dev.global.parameters]\nstack_name = \"tollgate-dev\"\nparameter_overrides = [\"LogLevel=DEBUG\"]\n";
    fs::write(folder.path().join("samconfig.toml"), text).unwrap();
    insta::assert_snapshot!(read(&folder).unwrap_err(), @r#"
    samconfig.toml, line 3: name the file with the generated parameters:
      [dev.global.parameters.parameter_overrides]
      "$include" = "file://samconfig.dev.toml"
    "#);
}

#[test]
fn an_unknown_environment_is_an_error_with_the_known_ones() {
    let folder = folder("");
    let file = folder.path().join("samconfig.toml");
    let error = Configuration::read(&file, "production", folder.path()).unwrap_err().to_string();
    assert!(error.contains("no environment \"production\"; it has dev."), "{error}");
}

#[test]
fn a_stack_name_is_not_taken_for_an_option_or_a_path() {
    for name in ["-x", "a b", "a/b", "", "tollgate-operations"] {
        let folder = folder("");
        let file = folder.path().join("samconfig.toml");
        let text = fs::read_to_string(&file).unwrap().replace("tollgate-dev", name);
        fs::write(file, text).unwrap();
        assert!(read(&folder).unwrap_err().contains("needs a stack_name"), "{name:?}");
    }
}

#[test]
fn a_broken_file_is_an_error_with_its_line() {
    let error = read(&folder("LogLevel = DEBUG\n")).unwrap_err();
    assert!(error.starts_with("samconfig.toml, line 7: "), "{error}");
}

#[test]
fn somebody_s_file_is_left_as_it_is() {
    let folder = folder("");
    let file = folder.path().join("samconfig.dev.toml");
    fs::write(&file, "mine = 1\n").unwrap();
    assert!(may_be_written(&file).is_err());
    let error = write(&file, &[("Issuer", String::new())]).unwrap_err().to_string();
    assert!(error.contains("was not written by this program"), "{error}");
    assert_eq!(fs::read_to_string(file).unwrap(), "mine = 1\n");
}

#[test]
fn a_written_value_is_read_as_it_was() {
    let folder = folder("");
    for value in ["two words", "\"quoted\" \\ 'single'", "ä€😀"] {
        generate(&folder, &[("Restart", value)]);
        assert_eq!(read(&folder).unwrap().get("Restart").unwrap().value, value);
    }
    generate(&folder, &[("Restart", "")]);
    assert!(read(&folder).unwrap().get("Restart").is_none(), "an empty value is the default");
}

#[test]
fn every_environment_of_the_repository_can_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for environment in ["dev", "staging", "prod"] {
        let file = root.join(deploy_parameters::CONFIG_FILE);
        let configuration = Configuration::read(&file, environment, &root).unwrap();
        assert_eq!(configuration.stack_name, format!("tollgate-{environment}"));
        let generated = root.join(format!("samconfig.{environment}.toml"));
        assert_eq!(configuration.generated, generated);
    }
}
