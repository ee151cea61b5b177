//! `template.yaml` and the README repeat the list of functions and their settings. Here they are
//! held to the code.

use std::collections::{BTreeMap, BTreeSet};

use all_functions::{FUNCTIONS, Function};
use local_aws::Template;
use settings::{Environment, IfUnset, Setting};

#[test]
fn the_functions_are_those_of_the_template() {
    let template: BTreeSet<_> =
        Template::project().variables().unwrap().into_iter().map(|(name, _)| name).collect();
    let ours = FUNCTIONS.iter().map(|function| function.name.to_owned()).collect();
    assert_eq!(template, ours);
}

/// What Lambda sets, not the template.
fn is_given_by_lambda(setting: &Setting) -> bool {
    setting.name.starts_with("AWS_") || setting.name == "SSL_CERT_FILE"
}

#[test]
fn the_template_gives_each_function_the_settings_that_it_reads_and_no_others() {
    let template = Template::project();
    let variables: BTreeMap<_, _> = template.variables().unwrap().into_iter().collect();
    let shared = template.shared_variables();
    for function in FUNCTIONS {
        let given: BTreeSet<String> =
            variables[function.name].iter().chain(&shared).cloned().collect();
        let read: BTreeSet<String> = function
            .settings()
            .into_iter()
            .filter(|setting| !is_given_by_lambda(setting))
            // The template gives the ARN of a secret, not the secret.
            .map(|it| if it.secret { format!("{}_ARN", it.name) } else { it.name.to_owned() })
            // The C library and CloudFormation use these.
            .chain(["MALLOC_ARENA_MAX", "CONFIGURATION_VERSION"].map(str::to_owned))
            .collect();
        assert_eq!(given, read, "{}", function.name);
    }
}

#[test]
fn every_secret_has_a_setting_for_its_arn() {
    let settings = all_functions::settings();
    for secret in settings.iter().filter(|setting| setting.secret) {
        let arn = format!("{}_ARN", secret.name);
        assert!(settings.iter().any(|setting| setting.name == arn), "{arn}");
    }
}

/// So that the template can be deployed to an emulator on this machine, and nothing passes it that
/// stops the functions.
#[test]
fn the_template_takes_the_addresses_that_the_functions_take() {
    let template = Template::project();
    let signin = FUNCTIONS.iter().find(|function| function.name == "signin").unwrap();
    let environment = Environment::of([
        ("OIDC_ISSUER", "https://login.example"),
        ("OIDC_CLIENT_ID", "web"),
        ("OIDC_SCOPES", "todos"),
    ]);
    signin.check(&environment).unwrap();
    for (variable, parameter) in [
        ("OIDC_ISSUER", "Issuer"),
        ("OIDC_METADATA_URL", "MetadataUrl"),
        ("PUBLIC_URL", "PublicUrl"),
    ] {
        let constraint = template.constraint(parameter).unwrap();
        for address in [
            "https://login.example",
            "https://login.example:8443",
            "http://localhost",
            "http://localhost:4720",
            "http://127.0.0.1:4720",
            "http://127.9.0.1",
            "http://[::1]:4720",
            "http://login.example",
            "http://localhost.example.com",
            "http://localhost:80@login.example",
            "http://localhost@login.example",
            "http://127.0.0.1.example.com",
            "http://[::2]",
            "ftp://localhost",
            "login.example",
        ] {
            let taken = signin.check(&environment.clone().with(variable, address)).is_ok();
            assert_eq!(constraint.allows(address), taken, "{parameter} {address}");
        }
    }
}

/// `UPDATE=1 cargo test -p all-functions` writes the table.
#[test]
fn the_readme_has_the_table_of_the_settings() {
    must_have("README.md", "settings", &table());
}

#[test]
fn the_page_about_providers_has_the_table_of_the_profiles() {
    must_have("docs/providers.md", "profiles", &profiles());
}

/// What is generated into a file of the repository, between two comments that name it.
fn must_have(file: &str, name: &str, expected: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../").to_owned() + file;
    let begin = format!("<!-- {name}: written by UPDATE=1 cargo test -p all-functions -->\n");
    let end = format!("<!-- end of {name} -->");
    let text = std::fs::read_to_string(&path).expect("the file is text");
    let (before, rest) = text.split_once(&begin).expect("the first comment is there");
    let (found, after) = rest.split_once(&end).expect("the second comment is there");
    if std::env::var_os("UPDATE").is_some() {
        let text = [before, &begin, expected, &end, after].concat();
        std::fs::write(path, text).expect("the file is written");
    } else {
        assert_eq!(found, expected, "run UPDATE=1 cargo test -p all-functions");
    }
}

/// What each profile's settings are, where they differ from those of `generic`.
fn profiles() -> String {
    let head = "| profile | for | selected by the issuer | settings, if not set |\n\
                |---|---|---|---|\n"
        .to_owned();
    let rows = settings::PROFILES.into_iter().map(|profile| {
        let values = profile.values().filter(|(name, value)| {
            profile.name == settings::GENERIC.name || *value != settings::GENERIC.value(name)
        });
        let values: Vec<_> =
            values.map(|(name, value)| format!("`{name}={}`", value.unwrap_or_default())).collect();
        let issuers = if profile.issuers.is_empty() { "any other" } else { profile.issuers };
        let values = values.join("<br>");
        format!("| `{}` | {} | {issuers} | {values} |\n", profile.name, profile.title)
    });
    std::iter::once(head).chain(rows).collect()
}

fn table() -> String {
    let head = "| variable | used by | meaning | default |\n|---|---|---|---|\n".to_owned();
    let settings = all_functions::settings().into_iter();
    let rows = settings.filter(|setting| !setting.name.starts_with("AWS_")).map(|setting| {
        let reads = |function: &&Function| function.settings().contains(&setting);
        let readers: Vec<_> =
            FUNCTIONS.iter().filter(reads).map(|function| function.name).collect();
        let readers =
            if readers.len() == FUNCTIONS.len() { "all".to_owned() } else { readers.join(", ") };
        let Setting { name, summary, .. } = setting;
        let default = match setting.if_unset {
            IfUnset::Fails => "required".to_owned(),
            IfUnset::Default(value) => format!("`{value}`"),
            IfUnset::Means(meaning) => meaning.to_owned(),
            IfUnset::ByProfile => "by the provider's profile".to_owned(),
        };
        format!("| `{name}` | {readers} | {summary} | {default} |\n")
    });
    std::iter::once(head).chain(rows).collect()
}
