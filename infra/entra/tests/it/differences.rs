//! What others have changed in the tenant, and what becomes of it.

use serde_json::{Value, json};

use crate::world::World;

async fn applied() -> World {
    let world = World::new().await;
    world.apply(&[]).await;
    world.tenant().sent.clear();
    world
}

fn patches(world: &World) -> Vec<Value> {
    let sent = world.tenant().sent.clone();
    sent.into_iter().map(|it| it.body).filter(|it| !it.is_null()).collect()
}

#[tokio::test]
async fn a_role_that_was_renamed_is_disabled_before_it_is_named_back() {
    let world = applied().await;
    let id = world.tenant().part("api")["appRoles"][0]["id"].clone();
    world.tenant().part("api")["appRoles"][0]["value"] = json!("Todo.Everything");
    world.apply(&[]).await;
    let patches = patches(&world);
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
    let world = applied().await;
    world.tenant().part("api")["api"]["oauth2PermissionScopes"][0]["value"] = json!("Else");
    world.apply(&[]).await;
    assert_eq!(patches(&world).len(), 2);
}

#[tokio::test]
async fn a_role_that_users_may_have_is_for_applications_again() {
    let world = applied().await;
    world.tenant().part("api")["appRoles"][0]["allowedMemberTypes"] =
        json!(["User", "Application"]);
    let shown = world.apply(&[]).await;
    assert!(shown.contains("(for Application)"), "{shown}");
    let roles = world.tenant().part("api")["appRoles"].clone();
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
    let world = applied().await;
    world.tenant().part("api")["api"]["oauth2PermissionScopes"][0]["isEnabled"] = json!(false);
    world.apply(&[]).await;
    assert_eq!(patches(&world).len(), 1);
}

#[tokio::test]
async fn a_scope_that_somebody_made_under_our_name_counts_by_its_own_id() {
    let world = applied().await;
    let id = "11111111-2222-4333-8444-555555555555";
    world.tenant().part("api")["api"]["oauth2PermissionScopes"][0]["id"] = json!(id);
    world.apply(&[]).await;
    let web = world.tenant().part("web")["requiredResourceAccess"].to_string();
    assert!(web.contains(id), "{web}");
}

#[tokio::test]
async fn what_others_added_stays() {
    let world = applied().await;
    {
        let mut tenant = world.tenant();
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
    world.apply(&[]).await;
    let mut tenant = world.tenant();
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
    let world = applied().await;
    {
        let mut tenant = world.tenant();
        let gone = tenant.part("api").clone();
        tenant.applications.retain(|it| *it != gone);
        let principal =
            tenant.principals.iter().find(|it| it["appId"] == gone["appId"]).unwrap().clone();
        tenant.principals.retain(|it| *it != principal);
        tenant.grants.retain(|it| it["resourceId"] != principal["id"]);
    }
    let shown = world.apply(&[]).await;
    assert!(shown.contains("~ web app: asks for the permissions of the new API"), "{shown}");
    assert_eq!(world.tenant().grants.len(), 2);
    let shown = world.run("plan", &[]).await.well();
    assert!(shown.contains("0 to create (+), 0 to change (~)"), "{shown}");
}

#[tokio::test]
async fn a_web_app_in_somebody_s_user_flow_stays_there() {
    let world = applied().await;
    let web = world.tenant().part("web")["appId"].clone();
    world.tenant().flows = vec![json!({ "id": "f", "displayName": "Ours", "applications": [web] })];
    let shown = world.run("apply", &[]).await.well();
    assert!(shown.contains("= web app: in the user flow \"Ours\""), "{shown}");
    world.run("remove", &["--yes"]).await.well();
    assert_eq!(world.tenant().flows[0]["applications"], json!([]));
}

#[tokio::test]
async fn a_flow_that_others_use_too_is_not_removed() {
    let world = applied().await;
    world.tenant().flows[0]["applications"].as_array_mut().unwrap().push(json!("foreign"));
    let shown = world.run("remove", &["--yes"]).await.well();
    assert!(
        shown.contains("= user flow \"Tollgate sign-up and sign-in\": other applications"),
        "{shown}"
    );
    assert_eq!(world.tenant().flows[0]["applications"], json!(["foreign"]));
    assert!(world.tenant().applications.is_empty());
}

#[tokio::test]
async fn a_flow_of_our_name_that_is_not_ours_is_not_taken() {
    let world = World::new().await;
    let flow =
        json!({ "id": "f", "displayName": "Tollgate sign-up and sign-in", "applications": [] });
    world.tenant().flows.push(flow);
    let error = world.run("apply", &["--yes"]).await.fails();
    assert!(error.contains("that this program did not make"), "{error}");
    assert_eq!(world.tenant().writes(), [""; 0]);
}

#[tokio::test]
async fn two_registrations_that_claim_to_be_one_part_are_an_error_that_names_both() {
    let world = applied().await;
    let mut twin = world.tenant().part("api").clone();
    twin["appId"] = json!("the-twin");
    world.tenant().applications.push(twin);
    let error = world.run("apply", &["--yes"]).await.fails();
    assert!(error.contains("the-twin"), "{error}");
    assert_eq!(world.tenant().writes(), [""; 0]);
}
