//! Every body that is sent, against the schema of Microsoft Graph v1.0.

use http::Method;
use serde_json::{Value, json};

use crate::{harness::Harness, mock_graph::Sent, schema::Schema};

/// The type of a request's body.
fn kind(sent: &Sent) -> &'static str {
    let path: Vec<&str> = sent.path.split('/').skip(1).collect();
    match path.as_slice() {
        ["applications"] | ["applications", _] => "microsoft.graph.application",
        ["servicePrincipals"] => "microsoft.graph.servicePrincipal",
        ["servicePrincipals", _, "appRoleAssignments"] => "microsoft.graph.appRoleAssignment",
        ["oauth2PermissionGrants", ..] => "microsoft.graph.oAuth2PermissionGrant",
        ["identity", "authenticationEventsFlows"] => "microsoft.graph.authenticationEventsFlow",
        ["identity", "authenticationEventsFlows", _, "conditions", ..] => {
            "microsoft.graph.authenticationConditionApplication"
        }
        _ => panic!("no type for {}", sent.path),
    }
}

fn errors(schema: &Schema, sent: &Sent) -> Vec<String> {
    schema.errors(kind(sent), &sent.body)
}

/// All bodies of a life with everything in it.
async fn all_bodies() -> Vec<Sent> {
    let harness = Harness::new().await;
    harness.tenant().domains.push("example.com");
    harness.apply(&["--daemon", "--also-url", "http://localhost:3000"]).await;
    {
        let mut tenant = harness.tenant();
        tenant.part("api")["appRoles"][0]["value"] = json!("Renamed");
        tenant.part("api")["api"]["requestedAccessTokenVersion"] = json!(1);
        tenant.part("web")["web"]["redirectUris"] = json!([]);
        tenant.part("daemon")["requiredResourceAccess"] = json!([]);
        tenant.grants[0]["scope"] = json!("");
        for flow in &mut tenant.flows {
            flow["applications"] = json!([]);
        }
    }
    harness.apply(&["--daemon", "--new-credential"]).await;
    let sent = harness.tenant().sent.clone();
    sent.into_iter().filter(|it| matches!(it.method, Method::POST | Method::PATCH)).collect()
}

#[tokio::test]
async fn every_body_that_is_sent_has_known_properties_of_the_right_types_alone() {
    let Some(schema) = Schema::find() else { return };
    let bodies = all_bodies().await;
    for sent in &bodies {
        let errors = errors(&schema, sent);
        assert!(errors.is_empty(), "{} {}: {errors:#?}", sent.method, sent.path);
    }
    // Three registrations and principals, two certificates, two consents and roles, flow and association;
    // then the repairs.
    assert!(bodies.len() > 20, "{}", bodies.len());
}

#[tokio::test]
async fn a_body_with_an_unknown_property_fails_the_check_wherever_it_is() {
    let Some(schema) = Schema::find() else { return };
    for sent in all_bodies().await {
        let places = objects(&sent.body, String::new());
        for place in places {
            let mut sent = sent.clone();
            sent.body.pointer_mut(&place).unwrap()["isTypo"] = json!(true);
            let errors = errors(&schema, &sent);
            assert!(errors.iter().any(|it| it.contains("isTypo")), "{} {place}", sent.path);
        }
    }
}

#[test]
fn a_body_with_a_wrong_type_fails_the_check() {
    let Some(schema) = Schema::find() else { return };
    for (body, error) in [
        (json!({ "displayName": 1 }), "application.displayName"),
        (json!({ "tags": "one" }), "application.tags"),
        (json!({ "tags": null }), "application.tags"),
        (json!({ "api": { "requestedAccessTokenVersion": "2" } }), "application.api"),
        (json!({ "appRoles": [{ "id": "not-a-guid" }] }), "application.appRoles.id"),
        (json!({ "appRoles": [{ "isEnabled": "true" }] }), "application.appRoles.isEnabled"),
        (json!({ "@odata.type": "#microsoft.graph.user" }), "microsoft.graph.user is no"),
    ] {
        let errors = schema.errors("microsoft.graph.application", &body);
        assert!(errors.len() == 1 && errors[0].contains(error), "{body}: {errors:?}");
    }
    let flow = json!({ "displayName": "which kind?" });
    let errors = schema.errors("microsoft.graph.authenticationEventsFlow", &flow);
    assert!(errors[0].contains("does not say which"), "{errors:?}");
}

/// JSON pointers to all objects in a value.
fn objects(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let inner = members.iter().flat_map(|(k, v)| objects(v, format!("{at}/{k}")));
            let inner: Vec<_> = inner.collect();
            std::iter::once(at).chain(inner).collect()
        }
        Value::Array(list) => {
            let inner = list.iter().enumerate().flat_map(|(i, v)| objects(v, format!("{at}/{i}")));
            inner.collect()
        }
        _ => Vec::new(),
    }
}
