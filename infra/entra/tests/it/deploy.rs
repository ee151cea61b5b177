//! What comes out: parameters for `sam deploy`, and secrets.

use std::{fs, time::Duration};

use serde_json::json;

use crate::{harness::Harness, mock_graph::TENANT_ID};

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tollgate-AbCdEf";

#[tokio::test]
async fn the_parameters_are_those_of_the_template_with_the_tenant_s_values() {
    let harness = Harness::new().await;
    let file = harness.path("tenant.toml");
    let file = file.to_str().unwrap();
    harness.apply(&["--parameters", file, "--secret-arn", ARN]).await;
    let api = harness.tenant().part("api")["appId"].as_str().unwrap().to_owned();
    let web = harness.tenant().part("web")["appId"].as_str().unwrap().to_owned();
    let text = fs::read_to_string(file).unwrap();
    let scopes: Vec<_> = permissions::all().map(|it| format!("api://{api}/{}", it.scope)).collect();
    let scopes = scopes.join(" ");
    let expected = format!(
        r#"# Written by `cargo xtask deploy` and infra/entra. Nothing in it is secret: commit it.
# A value of the same name in samconfig.toml wins.
Audience = "{api}"
ClientId = "{web}"
ClientSecretArn = "{ARN}"
Issuer = "https://{TENANT_ID}.ciamlogin.com/{TENANT_ID}/v2.0"
Scopes = "{scopes}"
"#
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn values_that_other_tools_wrote_stay() {
    let harness = Harness::new().await;
    let file = harness.path("samconfig.dev.toml");
    deploy_parameters::write(&file, &[("Restart", "1".into()), ("Audience", "old".into())])
        .unwrap();
    harness.apply(&["--parameters", file.to_str().unwrap()]).await;
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("Restart = \"1\"\n") && !text.contains("old"), "{text}");
}

#[tokio::test]
async fn without_an_address_the_redirect_uris_stay_as_they_are() {
    let harness = Harness::new().await;
    harness.run_without_address("apply", &["--yes"]).await.well();
    let uris = |harness: &Harness| harness.tenant().part("web")["web"]["redirectUris"].clone();
    assert_eq!(uris(&harness), json!([]));
    harness.apply(&[]).await;
    let registered = uris(&harness);
    assert_eq!(registered.as_array().unwrap().len(), 2);
    let shown = harness.run_without_address("apply", &["--yes"]).await.well();
    assert!(shown.contains("= web app: registration"), "{shown}");
    assert_eq!(uris(&harness), registered);
}

#[test]
fn every_parameter_that_the_template_demands_is_among_them() {
    let template = include_str!("../../../../template.yaml");
    let (_, parameters) = template.split_once("\nParameters:\n").unwrap();
    let (parameters, _) = parameters.split_once("\nRules:\n").unwrap();
    let mut demanded = Vec::new();
    for line in parameters.lines() {
        match line.strip_prefix("  ").filter(|it| !it.starts_with(' ')) {
            Some(name) => demanded.extend(name.strip_suffix(':')),
            None if line.trim().starts_with("Default:") => drop(demanded.pop()),
            None => {}
        }
    }
    assert_eq!(demanded, ["Issuer", "ClientId", "Scopes", "Audience"]);
}

#[tokio::test]
async fn somebody_s_samconfig_is_left_as_it_is() {
    let harness = Harness::new().await;
    let file = harness.path("samconfig.toml");
    fs::write(&file, "version = 0.1\n").unwrap();
    let error =
        harness.run("apply", &["--yes", "--parameters", file.to_str().unwrap()]).await.fails();
    assert!(error.contains("was not written by this program"), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "version = 0.1\n");
    assert_eq!(harness.tenant().writes(), [""; 0]);
}

#[tokio::test]
async fn a_secret_is_in_a_file_for_its_owner_alone_and_nowhere_else() {
    let harness = Harness::new().await;
    let parameters = harness.path("tenant.toml");
    let shown = harness.apply(&["--parameters", parameters.to_str().unwrap()]).await;
    let file = harness.path("secrets/tollgate-web-app-secret");
    assert_eq!(fs::read_to_string(&file).unwrap(), "the~secret.1");
    assert!(!shown.contains("the~secret"), "{shown}");
    assert!(!fs::read_to_string(parameters).unwrap().contains("the~secret"));
    assert!(shown.contains(&format!("--secret-string file://{}", file.display())), "{shown}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_secret_is_printed_once_on_request() {
    let harness = Harness::new().await;
    let shown = harness.apply(&["--print-secrets"]).await;
    assert!(shown.contains("The client secret of the web app: the~secret.1\n"), "{shown}");
    assert!(!harness.path("secrets").exists());
    assert!(!harness.apply(&["--print-secrets"]).await.contains("the~secret"));
}

#[tokio::test]
async fn no_secret_is_made_when_there_is_no_place_for_it() {
    let harness = Harness::new().await;
    fs::write(harness.path("secrets"), "a file, not a folder").unwrap();
    let error = harness.run("apply", &["--yes"]).await.fails();
    assert!(error.starts_with("cannot write "), "{error}");
    assert_eq!(harness.tenant().part("web")["passwordCredentials"], json!([]));
}

#[tokio::test]
async fn a_secret_is_made_when_ours_is_over_whatever_others_there_are() {
    let harness = Harness::applied().await;
    let foreign =
        json!({ "displayName": "by hand", "endDateTime": "2030-01-01T00:00:00.1234567Z" });
    harness.tenant().part("web")["passwordCredentials"].as_array_mut().unwrap().push(foreign);

    harness.graph.time().advance(Duration::from_hours(24 * 170));
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("= web app: client secret, until 2026-08-28, SOON"), "{shown}");

    harness.graph.time().advance(Duration::from_hours(24 * 10));
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("+ web app: client secret, for 180 days"), "{shown}");
    harness.apply(&[]).await;
    let file = harness.path("secrets/tollgate-web-app-secret");
    assert_eq!(fs::read_to_string(file).unwrap(), "the~secret.3");
}

#[tokio::test]
async fn another_secret_is_made_on_request_and_the_old_one_stays_valid() {
    let harness = Harness::applied().await;
    harness.apply(&["--new-secret"]).await;
    assert_eq!(harness.tenant().part("web")["passwordCredentials"].as_array().unwrap().len(), 2);
}
