//! What others have changed in the tenant, and what becomes of it.

use http::Method;
use serde_json::{Value, json};

use crate::{harness::Harness, mock_graph::InjectedError};

async fn applied() -> Harness {
    let harness = Harness::applied().await;
    harness.tenant().sent.clear();
    harness
}

fn patches(harness: &Harness) -> Vec<Value> {
    let sent = harness.tenant().sent.clone();
    sent.into_iter().map(|it| it.body).filter(|it| !it.is_null()).collect()
}

#[tokio::test]
async fn a_role_that_was_renamed_is_disabled_before_it_is_named_back() {
    let harness = applied().await;
    let id = harness.tenant().part("api")["appRoles"][0]["id"].clone();
    harness.tenant().part("api")["appRoles"][0]["value"] = json!("Todo.Everything");
    harness.apply(&[]).await;
    let patches = patches(&harness);
    assert_eq!(patches.len(), 2);
    let role = |patch: &Value| {
        let roles = patch["appRoles"].as_array().unwrap();
        roles.iter().find(|it| it["id"] == id).unwrap().clone()
    };
    assert_eq!(role(&patches[0])["value"], "Todo.Everything");
    assert_eq!(role(&patches[0])["isEnabled"], false);
    assert!(role(&patches[1])["value"].as_str().unwrap().starts_with("ToDoList."));
    assert_eq!(role(&patches[1])["isEnabled"], true);
}

#[tokio::test]
async fn a_scope_that_was_renamed_is_disabled_before_it_is_named_back() {
    let harness = applied().await;
    harness.tenant().part("api")["api"]["oauth2PermissionScopes"][0]["value"] = json!("Else");
    harness.apply(&[]).await;
    assert_eq!(patches(&harness).len(), 2);
}

#[tokio::test]
async fn a_role_that_users_may_have_is_for_applications_again() {
    let harness = applied().await;
    harness.tenant().part("api")["appRoles"][0]["allowedMemberTypes"] =
        json!(["User", "Application"]);
    let shown = harness.apply(&[]).await;
    assert!(shown.contains("(for Application)"), "{shown}");
    let roles = harness.tenant().part("api")["appRoles"].clone();
    assert!(
        roles
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["allowedMemberTypes"] == json!(["Application"]))
    );
}

#[tokio::test]
async fn a_disabled_scope_is_enabled_without_ado() {
    let harness = applied().await;
    harness.tenant().part("api")["api"]["oauth2PermissionScopes"][0]["isEnabled"] = json!(false);
    harness.apply(&[]).await;
    assert_eq!(patches(&harness).len(), 1);
}

#[tokio::test]
async fn a_scope_that_somebody_made_under_our_name_counts_by_its_own_id() {
    let harness = applied().await;
    let id = "11111111-2222-4333-8444-555555555555";
    harness.tenant().part("api")["api"]["oauth2PermissionScopes"][0]["id"] = json!(id);
    harness.apply(&[]).await;
    let web = harness.tenant().part("web")["requiredResourceAccess"].to_string();
    assert!(web.contains(id), "{web}");
}

#[tokio::test]
async fn what_others_added_stays() {
    let harness = applied().await;
    {
        let mut tenant = harness.tenant();
        let api = tenant.part("api");
        let scope = json!({ "id": "11111111-2222-4333-8444-555555555555", "value": "Else",
            "isEnabled": true, "type": "User", "adminConsentDisplayName": "Else",
            "adminConsentDescription": "Else", "origin": "Application" });
        api["api"]["oauth2PermissionScopes"].as_array_mut().unwrap().push(scope);
        api["api"]["knownClientApplications"] = json!(["11111111-2222-4333-8444-555555555556"]);
        api["api"]["requestedAccessTokenVersion"] = json!(null);
        api["displayName"] = json!("Our to-do API");
        tenant.grants[1]["scope"] = json!("ToDoList.Read Else");
    }
    harness.apply(&[]).await;
    let mut tenant = harness.tenant();
    let granted = tenant.grants[1]["scope"].as_str().unwrap();
    assert!(granted.starts_with("ToDoList.Read Else ToDoList.ReadWrite"), "{granted}");
    let api = tenant.part("api");
    assert_eq!(
        api["api"]["oauth2PermissionScopes"].as_array().unwrap().len(),
        1 + permissions::all().count()
    );
    assert_eq!(api["api"]["knownClientApplications"].as_array().unwrap().len(), 1);
    assert_eq!(api["api"]["requestedAccessTokenVersion"], 2);
    assert_eq!(api["displayName"], "Our to-do API");
}

#[tokio::test]
async fn an_api_that_was_deleted_is_made_again_and_consented_to() {
    let harness = applied().await;
    {
        let mut tenant = harness.tenant();
        let gone = tenant.part("api").clone();
        tenant.applications.retain(|it| *it != gone);
        let principal =
            tenant.principals.iter().find(|it| it["appId"] == gone["appId"]).unwrap().clone();
        tenant.principals.retain(|it| *it != principal);
        tenant.grants.retain(|it| it["resourceId"] != principal["id"]);
    }
    let shown = harness.apply(&[]).await;
    assert!(shown.contains("~ web app: asks for the permissions of the new API"), "{shown}");
    assert_eq!(harness.tenant().grants.len(), 2);
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("0 to create (+), 0 to change (~)"), "{shown}");
}

#[tokio::test]
async fn a_web_app_in_somebody_s_user_flow_stays_there() {
    let harness = applied().await;
    let web = harness.tenant().part("web")["appId"].clone();
    harness.tenant().flows =
        vec![json!({ "id": "f", "displayName": "Ours", "applications": [web] })];
    let shown = harness.run("apply", &[]).await.well();
    assert!(shown.contains("= web app: in the user flow \"Ours\""), "{shown}");
    harness.run("remove", &["--yes"]).await.well();
    assert_eq!(harness.tenant().flows[0]["applications"], json!([]));
}

#[tokio::test]
async fn a_flow_that_others_use_too_is_not_removed() {
    let harness = applied().await;
    harness.tenant().flows[0]["applications"].as_array_mut().unwrap().push(json!("foreign"));
    let shown = harness.run("remove", &["--yes"]).await.well();
    assert!(
        shown.contains("= user flow \"Tollgate sign-up and sign-in\": other applications"),
        "{shown}"
    );
    assert_eq!(harness.tenant().flows[0]["applications"], json!(["foreign"]));
    assert!(harness.tenant().applications.is_empty());
}

#[tokio::test]
async fn a_flow_of_our_name_that_is_not_ours_is_not_taken() {
    let harness = Harness::new().await;
    let flow =
        json!({ "id": "f", "displayName": "Tollgate sign-up and sign-in", "applications": [] });
    harness.tenant().flows.push(flow);
    let error = harness.run("apply", &["--yes"]).await.fails();
    assert!(error.contains("that this program did not make"), "{error}");
    assert_eq!(harness.tenant().writes(), [""; 0]);
}

#[tokio::test]
async fn two_registrations_that_claim_to_be_one_part_are_an_error_that_names_both() {
    let harness = applied().await;
    let mut twin = harness.tenant().part("api").clone();
    twin["appId"] = json!("the-twin");
    harness.tenant().applications.push(twin);
    let error = harness.run("apply", &["--yes"]).await.fails();
    assert!(error.contains("the-twin"), "{error}");
    assert_eq!(harness.tenant().writes(), [""; 0]);
}

/// The identifier URIs of the API that are addresses: what follows the origin.
fn addresses(harness: &Harness) -> Vec<String> {
    let uris = harness.tenant().part("api")["identifierUris"].as_array().unwrap().clone();
    let uris = uris.iter().filter_map(|it| it.as_str()?.strip_prefix("https://todo.example.com"));
    let mut paths: Vec<_> = uris.map(ToOwned::to_owned).collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn the_api_s_addresses_are_identifier_uris_where_their_domain_is_verified() {
    let harness = Harness::new().await;
    for (domain, resource, uris) in [
        ("todo.example.com.evil.example", &[][..], json!([])),
        ("do.example.com", &[], json!([])),
        ("example.com", &["--resource", "https://todo.example.com/v1/"], json!(["/v1"])),
        ("example.com", &[], json!(["", "/api", "/v1"])),
    ] {
        harness.tenant().domains = vec!["contoso.onmicrosoft.com", domain];
        let shown = harness.apply(resource).await;
        let added = json!(addresses(&harness));
        assert_eq!(added, uris, "{domain}");
        assert_eq!(shown.contains("! API: identifier URI"), uris == json!([]), "{shown}");
    }
    let shown = harness.run("plan", &[]).await.well();
    assert!(shown.contains("= API: identifier URI https://todo.example.com\n"), "{shown}");
}

#[tokio::test]
async fn refused_identifier_uris_are_noted_and_the_rest_goes_on() {
    let harness = Harness::new().await;
    harness.apply(&[]).await;
    harness.tenant().domains.push("example.com");
    let refusal =
        InjectedError::new(Method::PATCH, "/applications", 400, "HostNameNotOnVerifiedDomain");
    harness.tenant().faults.push(refusal);
    let shown = harness.apply(&["--new-credential"]).await;
    let note = "Note: Entra refuses the identifier URIs https://todo.example.com, \
                https://todo.example.com/api (HostNameNotOnVerifiedDomain: As the test says.)";
    assert!(shown.contains(note), "{shown}");
    assert!(shown.contains("The key and certificate of the web app are in "), "{shown}");
    assert_eq!(addresses(&harness), [""; 0]);
}
