//! A tenant's life with this program: made, left alone, repaired, cleaned up.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use settings::Profile;

use crate::harness::Harness;

/// A list's strings, sorted.
fn strings(list: &Value) -> Vec<&str> {
    let mut all: Vec<_> = list.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    all.sort_unstable();
    all
}

fn values(list: &Value) -> Vec<&str> {
    let mut all: Vec<_> =
        list.as_array().unwrap().iter().map(|it| it["value"].as_str().unwrap()).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn a_plan_shows_what_is_missing_and_writes_nothing() {
    let harness = Harness::new().await;
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("+ API: registration \"Tollgate API\""), "{shown}");
    assert!(shown.contains("+ web app: key and certificate, for 180 days"), "{shown}");
    assert!(shown.ends_with("10 to create (+), 0 to change (~), 0 left alone (=)\n"), "{shown}");
    assert_eq!(harness.tenant().writes(), [""; 0]);
}

#[tokio::test]
async fn the_first_run_makes_what_the_tutorial_makes_by_hand() {
    let harness = Harness::applied().await;
    let mut tenant = harness.tenant();

    let api = tenant.part("api").clone();
    assert_eq!(api["displayName"], "Tollgate API");
    assert_eq!(api["signInAudience"], "AzureADMyOrg");
    assert_eq!(api["identifierUris"], json!([format!("api://{}", api["appId"].as_str().unwrap())]));
    assert_eq!(api["api"]["requestedAccessTokenVersion"], 2);
    let scopes = &api["api"]["oauth2PermissionScopes"];
    assert_eq!(values(scopes), permissions::all().map(|it| it.scope).collect::<Vec<_>>());
    let roles: Vec<_> = permissions::all().map(|it| it.role).collect();
    assert_eq!(values(&api["appRoles"]), roles);
    assert_eq!(roles[..2], ["ToDoList.Read.All", "ToDoList.ReadWrite.All"]);
    assert_eq!(api["appRoles"][0]["allowedMemberTypes"], json!(["Application"]));
    assert_eq!(api["optionalClaims"]["accessToken"][0]["name"], "idtyp");

    let web = tenant.part("web").clone();
    let origin = "https://todo.example.com";
    assert_eq!(
        strings(&web["web"]["redirectUris"]),
        [format!("{origin}/callback"), format!("{origin}/signedout")]
    );
    assert_eq!(web["web"]["logoutUrl"], format!("{origin}/frontchannel-logout"));
    let asked: Vec<_> = web["requiredResourceAccess"].as_array().unwrap().iter().collect();
    let count = |app_id: &Value| {
        let of = asked.iter().find(|it| it["resourceAppId"] == *app_id).unwrap();
        of["resourceAccess"].as_array().unwrap().len()
    };
    assert_eq!(count(&json!("00000003-0000-0000-c000-000000000000")), 3);
    assert_eq!(count(&api["appId"]), roles.len());
    assert_eq!(web["keyCredentials"][0]["displayName"], "tollgate:Tollgate");

    let consents: Vec<_> = tenant.grants.iter().map(|it| it["scope"].as_str().unwrap()).collect();
    let scopes: Vec<_> = permissions::all().map(|it| it.scope).collect();
    let words = |text: &str| text.split(' ').map(ToOwned::to_owned).collect::<BTreeSet<_>>();
    // To what the sign-in requests.
    let base = Profile::named("entra-external-id").unwrap().value("OIDC_BASE_SCOPES").unwrap();
    assert_eq!(words(consents[0]), words(base));
    assert_eq!(consents[1..], [scopes.join(" ")]);
    assert!(tenant.grants.iter().all(|it| it["consentType"] == "AllPrincipals"));
    assert_eq!(tenant.flows[0]["displayName"], "Tollgate sign-up and sign-in");
    assert_eq!(tenant.flows[0]["applications"], json!([web["appId"]]));
    assert_eq!(tenant.applications.len(), 2);
    assert_eq!(tenant.principals.len(), 3);
}

#[tokio::test]
async fn a_daemon_comes_on_request_with_its_roles_and_a_certificate() {
    let harness = Harness::applied().await;
    let shown = harness.apply(&["--daemon"]).await;
    assert!(shown.contains("5 to create (+), 0 to change (~), 8 left alone (=)"), "{shown}");
    assert!(shown.contains("Daemon: client id "), "{shown}");
    let mut tenant = harness.tenant();
    assert_eq!(tenant.assignments.len(), 2);
    assert_eq!(tenant.part("daemon")["keyCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(tenant.part("web")["keyCredentials"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_second_run_changes_nothing() {
    let harness = Harness::new().await;
    harness.apply(&["--daemon"]).await;
    let before = harness.tenant().writes().len();
    let shown = harness.run("apply", &["--daemon"]).await.well();
    assert!(shown.contains("0 to create (+), 0 to change (~), 13 left alone (=)"), "{shown}");
    assert_eq!(harness.tenant().writes().len(), before);
}

#[tokio::test]
async fn the_third_run_repairs_a_difference_that_was_made_by_hand_and_nothing_else() {
    let harness = Harness::applied().await;
    let good = harness.tenant().part("web").clone();
    harness.tenant().part("web")["web"]["redirectUris"] =
        json!(["https://old.example.com/callback"]);
    harness.tenant().part("web")["web"]["implicitGrantSettings"]["enableIdTokenIssuance"] =
        json!(true);
    harness.tenant().sent.clear();
    let shown = harness.apply(&[]).await;
    assert!(shown.contains("redirect URI https://todo.example.com/callback"), "{shown}");
    assert!(shown.contains("no longer redirect URI https://old.example.com/callback"), "{shown}");
    assert!(shown.contains("0 to create (+), 1 to change (~)"), "{shown}");
    assert_eq!(harness.tenant().writes().len(), 1);
    assert_eq!(
        harness
            .tenant()
            .sent
            .iter()
            .find(|it| !it.body.is_null())
            .unwrap()
            .body
            .as_object()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        strings(&harness.tenant().part("web")["web"]["redirectUris"]),
        strings(&good["web"]["redirectUris"])
    );
    assert_eq!(
        harness.tenant().part("web")["web"]["implicitGrantSettings"],
        good["web"]["implicitGrantSettings"]
    );
}

#[tokio::test]
async fn remove_takes_all_of_it_away_and_nothing_of_others() {
    let harness = Harness::new().await;
    let foreign = json!({ "id": "foreign", "appId": "foreign", "tags": ["tollgate:Other"] });
    harness.tenant().applications.push(foreign.clone());
    harness
        .tenant()
        .flows
        .push(json!({ "id": "f", "displayName": "Other", "applications": ["foreign"] }));
    harness.apply(&["--daemon"]).await;
    let shown = harness.run("remove", &["--yes"]).await.well();
    assert!(shown.contains("7 to remove (-), 0 left alone (=)"), "{shown}");
    {
        let tenant = harness.tenant();
        assert_eq!(tenant.applications, [foreign]);
        assert_eq!(tenant.principals.len(), 1);
        assert_eq!(tenant.flows.len(), 1);
        assert!(tenant.grants.is_empty() && tenant.assignments.is_empty());
    }
    let shown = harness.run("remove", &[]).await.well();
    assert!(shown.contains("0 to remove (-)"), "{shown}");
}

#[tokio::test]
async fn deployments_of_two_names_live_side_by_side() {
    let harness = Harness::new().await;
    harness.apply(&["--name", "Blue"]).await;
    harness.apply(&["--name", "Green"]).await;
    assert_eq!(harness.tenant().applications.len(), 4);
    harness.run("remove", &["--name", "Blue", "--yes"]).await.well();
    let shown = harness.run("plan", &["--name", "Green"]).await.well();
    assert!(shown.contains("0 to create (+), 0 to change (~)"), "{shown}");
}

#[tokio::test]
async fn nothing_is_done_without_consent() {
    let mut harness = Harness::new().await;
    assert_eq!(harness.run("apply", &[]).await.fails(), "nothing was done");
    assert_eq!(harness.tenant().writes(), [""; 0]);
    harness.agrees = true;
    harness.run("apply", &[]).await.well();
    harness.agrees = false;
    assert_eq!(harness.run("remove", &[]).await.fails(), "nothing was done");
    assert_eq!(harness.tenant().applications.len(), 2);
}
