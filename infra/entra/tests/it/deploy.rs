//! What comes out: parameters for `sam deploy`, and private keys.

use std::{fs, time::Duration};

use relying_party::CredentialConfig;
use serde_json::{Value, json};
use settings::Environment;

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
AllowedClients = "{web}"
Audience = "{api}"
ClientAuth = "private_key_jwt"
ClientId = "{web}"
ClientKeyArn = "{ARN}"
Issuer = "https://{TENANT_ID}.ciamlogin.com/{TENANT_ID}/v2.0"
MetadataUrl = "https://contoso.ciamlogin.com/{TENANT_ID}/v2.0/.well-known/openid-configuration"
Scopes = "{scopes}"
"#
    );
    assert_eq!(text, expected);
}

/// The web app proves itself otherwise, as people decide in `samconfig.toml`.
#[tokio::test]
async fn without_a_certificate_of_the_web_app_its_authentication_is_left_to_people() {
    let harness = Harness::new().await;
    let shown = harness.apply(&["--no-web-certificate"]).await;
    assert!(!shown.contains("ClientAuth=") && !shown.contains("certificate"), "{shown}");
    assert_eq!(harness.tenant().part("web")["keyCredentials"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn a_custom_url_domain_is_where_the_metadata_is_and_the_issuer_is_what_they_say() {
    let harness = Harness::new().await;
    harness.tenant().domains.push("example.com");
    let custom = ["--domain", "login.example.com"];
    let shown = harness.apply(&custom).await;
    let metadata = "MetadataUrl=https://login.example.com/";
    assert!(shown.contains(metadata) && !shown.contains("Provider="), "{shown}");
    assert!(shown.contains(&format!("Issuer=https://{TENANT_ID}.ciamlogin.com/")), "{shown}");
    // Where the metadata names the domain, it cannot select the profile.
    harness.tenant().own_issuer = "login.example.com";
    let shown = harness.apply(&custom).await;
    assert!(shown.contains("Provider=entra-external-id\n"), "{shown}");
    assert!(shown.contains("Issuer=https://login.example.com/"), "{shown}");
}

#[tokio::test]
async fn a_host_that_is_not_the_tenant_s_is_refused_before_anything_is_made() {
    let harness = Harness::new().await;
    harness.tenant().domains.extend(["example.com", "other.example"]);
    for (host, reason) in [
        ("login.example.net", "no verified domain"),
        ("nowhere.example.com", "404 Not Found"),
        ("other.example", "it is of the issuer https://"),
    ] {
        let error = harness.run("apply", &["--yes", "--domain", host]).await.fails();
        assert!(error.starts_with(&format!("https://{host}/")), "{error}");
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(harness.tenant().writes(), [""; 0]);
}

#[tokio::test]
async fn the_api_takes_tokens_of_the_web_app_and_the_daemon_alone() {
    let harness = Harness::new().await;
    harness.apply(&["--daemon"]).await;
    // The daemon is still there when it is not asked for.
    let shown = harness.apply(&[]).await;
    let id = |part| harness.tenant().part(part)["appId"].as_str().unwrap().to_owned();
    let line = format!("AllowedClients={} {}\n", id("web"), id("daemon"));
    assert!(shown.contains(&line), "{shown}");
}

#[tokio::test]
async fn values_that_other_tools_wrote_stay() {
    let harness = Harness::new().await;
    let file = harness.path("samconfig.dev.toml");
    let old = ["Restart", "Audience", "ClientSecretArn"].map(|name| (name, format!("old {name}")));
    deploy_parameters::write(&file, &old).unwrap();
    harness.apply(&["--parameters", file.to_str().unwrap()]).await;
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("Restart = \"old Restart\"\n"), "{text}");
    assert!(!text.contains("old Audience") && !text.contains("ClientSecretArn"), "{text}");
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
    assert_eq!(demanded, ["Issuer", "ClientId", "Audience"]);
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

/// The certificates of the web app.
fn certificates(harness: &Harness) -> Vec<Value> {
    harness.tenant().part("web")["keyCredentials"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_key_with_its_certificate_is_in_a_file_for_its_owner_alone_and_nowhere_else() {
    let harness = Harness::new().await;
    let parameters = harness.path("tenant.toml");
    let shown = harness.apply(&["--parameters", parameters.to_str().unwrap()]).await;
    let file = harness.path("secrets/tollgate-web-app-key.pem");
    let pem = fs::read_to_string(&file).unwrap();
    let (key, certificate) = pem.split_once("-----END PRIVATE KEY-----").unwrap();
    let line = key.lines().nth(1).unwrap();
    let sent = json!(harness.tenant().sent.iter().map(|it| it.body.clone()).collect::<Vec<_>>());
    for text in [shown.clone(), fs::read_to_string(parameters).unwrap(), sent.to_string()] {
        assert!(!text.contains(line), "{text}");
    }
    assert!(shown.contains(&format!("--secret-string file://{}", file.display())), "{shown}");
    // The certificate beside the key is the one that Graph got.
    let base64: String = certificate.lines().filter(|it| !it.contains("-----")).collect();
    assert!(sent.to_string().contains(&format!("\"key\":\"{base64}\"")), "{sent}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn the_functions_take_the_file_as_their_key() {
    let harness = Harness::applied().await;
    let pem = fs::read_to_string(harness.path("secrets/tollgate-web-app-key.pem")).unwrap();
    let environment =
        Environment::of([("OIDC_CLIENT_AUTH", "private_key_jwt"), ("OIDC_CLIENT_KEY", &pem)]);
    let config = CredentialConfig::from_environment(&environment);
    assert!(config.is_ok(), "{}", config.err().unwrap());
}

#[tokio::test]
async fn no_certificate_is_registered_when_there_is_no_place_for_its_key() {
    let harness = Harness::new().await;
    fs::write(harness.path("secrets"), "a file, not a folder").unwrap();
    let error = harness.run("apply", &["--yes"]).await.fails();
    assert!(error.starts_with("cannot write "), "{error}");
    assert_eq!(certificates(&harness), [json!(null); 0]);
}

#[tokio::test]
async fn a_certificate_is_valid_for_180_days_and_the_last_month_of_it_is_told() {
    let harness = Harness::applied().await;
    assert_eq!(certificates(&harness)[0]["startDateTime"], "2026-03-01T12:00:00Z");
    assert_eq!(certificates(&harness)[0]["endDateTime"], "2026-08-28T12:00:00Z");
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("= web app: certificate, until 2026-08-28 ("), "{shown}");
    harness.graph.time().advance(Duration::from_hours(24 * 151));
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("= web app: certificate, until 2026-08-28, SOON ("), "{shown}");
}

#[tokio::test]
async fn a_certificate_is_added_when_ours_has_ended_and_only_ours_goes() {
    let harness = Harness::applied().await;
    let ended = certificates(&harness).remove(0);
    let foreign = json!({
        "keyId": "11111111-2222-4333-8444-555555555555", "displayName": "CN=by-hand",
        "endDateTime": "2026-01-01T00:00:00.1234567Z", "key": null, "usage": "Verify",
    });
    harness.tenant().part("web")["keyCredentials"].as_array_mut().unwrap().push(foreign.clone());
    harness.graph.time().advance(Duration::from_hours(24 * 180));
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("+ web app: key and certificate"), "{shown}");
    harness.apply(&[]).await;
    let now = certificates(&harness);
    assert!(now.len() == 2 && now.contains(&foreign) && !now.contains(&ended), "{now:?}");
}

#[tokio::test]
async fn another_certificate_is_added_on_request_and_all_others_stay() {
    let harness = Harness::applied().await;
    let foreign = json!({ "keyId": "f", "displayName": "CN=by-hand", "key": null });
    harness.tenant().part("web")["keyCredentials"].as_array_mut().unwrap().push(foreign);
    let before = certificates(&harness);
    let file = harness.path("secrets/tollgate-web-app-key.pem");
    let old = fs::read(&file).unwrap();
    harness.apply(&["--new-credential"]).await;
    let after = certificates(&harness);
    assert!(after.len() == 3 && before.iter().all(|it| after.contains(it)), "{after:?}");
    assert_ne!(fs::read(file).unwrap(), old);
}

#[tokio::test]
async fn a_certificate_that_was_added_since_the_plan_stays() {
    // What the plan read is old by the time that it is confirmed.
    let harness = Harness::new().await;
    let late = json!({ "keyId": "f", "displayName": "CN=late", "key": null });
    harness.tenant().late_certificate = Some(late.clone());
    harness.apply(&[]).await;
    assert!(certificates(&harness).contains(&late));
}
