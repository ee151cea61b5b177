//! Which tokens count as those of an application.

use oidc_resource_server::{AccessTokenRules, Caller, Policy, TokenError, Verifier};
use serde_json::{Value, json};

use crate::{
    harness::{API, CLIENT, Harness, NOW, merged, refused},
    party::Party,
};

#[tokio::test]
async fn a_user_with_scp_is_no_app_though_scopes_are_read_elsewhere() {
    let harness = Harness::rules(|rules| rules.scope_claims = vec!["permissions".into()]);
    let user = harness.verify_but(json!({"roles": ["ToDoList.Read.All"]})).await;
    if let Ok(user) = user {
        assert!(!user.is_app_only(), "scp {:?}", user.document()["scp"]);
    }
}

#[tokio::test]
async fn a_token_that_tells_of_a_sign_in_is_no_applications() {
    // RFC 9068: 2.2.1 (auth_time, acr, amr are of a resource owner's grant),
    // 2.2.3.1 (roles are the resource owner's).
    let party = Party::new("https://accounts.example.com");
    let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([API])).unwrap();
    let mut apps = Vec::new();
    for claims in
        [json!({"auth_time": NOW - 5}), json!({"acr": "1", "amr": ["pwd"]}), json!({"sid": "s-1"})]
    {
        let changes = merged(json!({"scope": null, "roles": ["ToDoList.Read.All"]}), &claims);
        if let Ok(user) = verifier.verify(&party.token(changes)).await
            && user.is_app_only()
        {
            apps.push(claims);
        }
    }
    assert!(apps.is_empty(), "{apps:?}");
}

#[tokio::test]
async fn a_refreshed_id_token_with_roles_is_no_apps_access_token() {
    // OpenID Connect Core, 12.2: after a refresh it should have no nonce.
    let party = Party::new("https://keycloak.example/realms/x");
    let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([CLIENT])).unwrap();
    let id_token = party.token(json!({
        "scope": null, "client_id": null, "aud": CLIENT, "azp": CLIENT, "typ": "ID",
        "at_hash": "AAAAAAAAAAAAAAAAAAAAAA", "auth_time": NOW - 900, "sid": "s-1", "acr": "1",
        "email": "ada@example.com", "roles": ["ToDoList.Read.All"]
    }));
    let verdict = verifier.verify(&id_token).await;
    assert!(!verdict.as_ref().is_ok_and(|claims| claims.is_app_only()), "an app with every role");
}

/// What a token for a machine looks like at Cognito, Auth0 and by RFC 9068.
fn machine(party: &Party, subject: &str) -> String {
    party.token(json!({"sub": subject, "client_id": CLIENT, "scope": "todos/read"}))
}

#[tokio::test]
async fn a_token_about_its_own_client_is_an_applications_where_that_is_asked_for() {
    let party = Party::new("https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_x");
    let usual = Verifier::new(party.provider.clone(), AccessTokenRules::new([API])).unwrap();
    assert!(!usual.verify(&machine(&party, CLIENT)).await.unwrap().is_app_only());
    let mut rules = AccessTokenRules::new([API]);
    rules.applications_by_subject = true;
    let verifier = Verifier::new(party.provider.clone(), rules).unwrap();
    let users = Policy::users_only(vec!["todos/read".parse().unwrap()]).unwrap();
    for subject in [CLIENT.to_owned(), format!("{CLIENT}@clients")] {
        let claims = verifier.verify(&machine(&party, &subject)).await.unwrap();
        assert!(claims.is_app_only(), "{subject}");
        assert!(users.check(&claims).is_err(), "a machine came in as a user");
    }
    for subject in ["user-1".to_owned(), format!("{CLIENT}@others"), format!("x{CLIENT}")] {
        let claims = verifier.verify(&machine(&party, &subject)).await.unwrap();
        assert!(!claims.is_app_only(), "{subject}");
    }
}

#[tokio::test]
async fn idtyp_decides_whatever_the_subject_is() {
    let party = Party::new("https://login.example.com");
    let mut rules = AccessTokenRules::new([API]);
    rules.applications_by_subject = true;
    let verifier = Verifier::new(party.provider.clone(), rules).unwrap();
    let token = party.token(json!({"sub": CLIENT, "client_id": CLIENT, "idtyp": "user"}));
    assert!(!verifier.verify(&token).await.unwrap().is_app_only());
}

#[tokio::test]
async fn an_applications_roles_may_stand_in_its_scopes() {
    let party = Party::new("https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_x");
    let mut rules = AccessTokenRules::new([API]);
    rules.applications_by_subject = true;
    rules.role_claims = vec!["roles".into(), "scope".into()];
    let verifier = Verifier::new(party.provider.clone(), rules).unwrap();
    let both =
        Policy::any_of(vec!["ToDoList.Read".parse().unwrap()], vec!["todos/read".parse().unwrap()])
            .unwrap();
    let app = verifier.verify(&machine(&party, CLIENT)).await.unwrap();
    assert!(matches!(both.check(&app), Ok(Caller::App(_))));
    // The same name among a user's scopes opens nothing.
    let user = verifier.verify(&machine(&party, "user-1")).await.unwrap();
    assert!(both.check(&user).is_err());
}

#[tokio::test]
async fn roles_of_several_claims_are_added_up() {
    let party = Party::new("https://login.example.com");
    let mut rules = AccessTokenRules::new([API]);
    rules.role_claims = vec!["roles".into(), "permissions".into()];
    let verifier = Verifier::new(party.provider.clone(), rules).unwrap();
    let token = party.token(json!({
        "scope": null, "roles": ["a"], "permissions": ["b", "c"], "azp": CLIENT
    }));
    let claims = verifier.verify(&token).await.unwrap();
    assert_eq!(claims.roles().collect::<Vec<_>>(), ["a", "b", "c"]);
}

/// A provider, and a verifier with these rules.
fn with(change: impl FnOnce(&mut AccessTokenRules)) -> (Party, Verifier) {
    let party = Party::new("https://login.example.com");
    let mut rules = AccessTokenRules::new([API]);
    change(&mut rules);
    let verifier = Verifier::new(party.provider.clone(), rules).unwrap();
    (party, verifier)
}

#[tokio::test]
async fn roles_alone_make_no_application_where_that_is_turned_off() {
    let token = json!({"scope": null, "roles": ["ToDoList.Read.All"]});
    for is_on in [true, false] {
        let (party, verifier) = with(|rules| rules.applications_by_roles = is_on);
        let claims = verifier.verify(&party.token(token.clone())).await.unwrap();
        assert_eq!(claims.is_app_only(), is_on);
    }
}

#[tokio::test]
async fn a_claim_that_only_applications_have_marks_their_tokens() {
    let (party, verifier) = with(|rules| {
        rules.application_claims = vec!["clientHost".into(), "clientAddress".into()];
    });
    let verdict = async |changes: Value| verifier.verify(&party.token(changes)).await;
    for claim in ["clientHost", "clientAddress"] {
        // Whatever else it says, except for idtyp.
        let application = json!({claim: "10.0.0.1", "acr": "1", "sid": "s-1"});
        assert!(verdict(application).await.unwrap().is_app_only(), "{claim}");
        let user = json!({claim: "10.0.0.1", "idtyp": "user"});
        assert!(!verdict(user).await.unwrap().is_app_only(), "{claim}");
        // Any other type of value is refused.
        for odd in [json!(""), json!(null), json!(false), json!(1), json!(["10.0.0.1"])] {
            // Party's changes take a null out.
            let mut claims = party.claims(&json!({}));
            claims[claim] = odd.clone();
            let error = refused(verifier.verify(&party.signer.token(&claims)).await);
            assert_eq!(error.code(), "claim_malformed", "{odd}");
        }
    }
    assert!(!verdict(json!({})).await.unwrap().is_app_only());
}

#[tokio::test]
async fn a_user_with_the_name_of_a_client_is_no_application() {
    // Okta's sub is a login, which a user may be able to choose. Users alone have uid.
    let (party, verifier) = with(|rules| {
        rules.client_claims = vec!["cid".into()];
        rules.owner_claims = vec!["uid".into()];
        rules.applications_by_subject = true;
    });
    let token = |uid: Value| party.token(json!({"cid": CLIENT, "sub": CLIENT, "uid": uid}));
    assert!(!verifier.verify(&token(json!("00u1"))).await.unwrap().is_app_only());
    assert!(verifier.verify(&token(json!(null))).await.unwrap().is_app_only());
}

#[tokio::test]
async fn a_user_is_the_owner_by_the_first_claim_that_is_there() {
    let (party, verifier) = with(|rules| rules.owner_claims = vec!["uid".into(), "oid".into()]);
    let users = Policy::users_only(vec!["ToDoList.Read".parse().unwrap()]).unwrap();
    let verdict = async |changes: Value| verifier.verify(&party.token(changes)).await;
    for (changes, owner) in [
        (json!({"uid": "00u1"}), "00u1"),
        (json!({"oid": "o-1"}), "o-1"),
        (json!({"oid": "o-1", "uid": "00u1"}), "00u1"),
    ] {
        let Caller::User(user) = users.check(&verdict(changes).await.unwrap()).unwrap() else {
            panic!("no user")
        };
        assert_eq!((user.owner.as_str(), user.subject.as_str()), (owner, "user-1"));
    }
    let error = refused(verdict(json!({})).await);
    assert_eq!(error, TokenError::ClaimMissing { claim: "uid` or `oid".into() });
    assert_eq!(error.to_string(), "`uid` or `oid` is missing");
    // The second does not make up for a first that is no id.
    for odd in [json!(""), json!(7), json!(["00u1"])] {
        let error = refused(verdict(json!({"uid": odd, "oid": "o-1"})).await);
        assert_eq!(error.code(), "claim_malformed", "{odd}");
    }
    // An application owns nothing.
    let app = json!({"scope": null, "roles": ["ToDoList.Read.All"]});
    assert!(verdict(app).await.unwrap().is_app_only());
}

#[tokio::test]
async fn the_client_is_the_first_claim_that_is_there() {
    let (party, verifier) = with(|rules| {
        rules.client_claims = vec!["cid".into(), "azp".into()];
        rules.allowed_clients = vec![CLIENT.into()];
    });
    let verdict = async |changes: Value| verifier.verify(&party.token(changes)).await;
    for changes in
        [json!({"cid": CLIENT}), json!({"azp": CLIENT}), json!({"cid": CLIENT, "azp": "x"})]
    {
        assert_eq!(verdict(changes).await.unwrap().client(), Some(CLIENT));
    }
    for changes in [json!({}), json!({"azp": "x"}), json!({"cid": "x", "azp": CLIENT})] {
        assert_eq!(refused(verdict(changes).await).code(), "client_not_allowed");
    }
}
