//! How fresh and how strong the sign-in must be (RFC 9470).

use auth::Clock;
use serde_json::json;
use test_support::ManualClock;

use crate::harness::Harness;

fn ago(clock: &ManualClock, seconds: u64) -> u64 {
    clock.now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() - seconds
}

#[tokio::test]
async fn a_route_can_require_a_recent_sign_in() {
    let gate = Harness::new().await;
    let token = gate.user("Orders.ReadWrite");
    let recent = json!({ "auth_time": ago(&gate.clock, 600) });
    let old = json!({ "auth_time": ago(&gate.clock, 700) });
    for (claims, is_recent) in [(recent, true), (old, false)] {
        let cookie = gate.session_of(&token, claims.clone()).await;
        let bearer = gate.user_token("ada").claim("scp", "Orders.ReadWrite");
        let bearer = bearer.claim("auth_time", claims["auth_time"].clone()).signed();
        let call = || gate.call("DELETE", "/api/orders/1");
        for call in [call().cookie(&cookie), call().bearer(&bearer)] {
            let answer = call.send().await;
            if is_recent {
                answer.ok();
                continue;
            }
            assert_eq!(answer.refusal(), (401, "insufficient_user_authentication"));
            assert_eq!(answer.json()["max_age"], 600);
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(
                challenge.contains("error=\"insufficient_user_authentication\""),
                "{challenge}"
            );
            assert!(challenge.ends_with("max_age=\"600\""), "{challenge}");
        }
    }
    let bearer = gate.call("DELETE", "/api/orders/1").bearer(&token);
    let refusal = bearer.send().await;
    assert_eq!(refusal.refusal(), (401, "insufficient_user_authentication"), "no auth_time");
}

#[tokio::test]
async fn a_route_can_require_a_strong_sign_in_of_users_alone() {
    let gate = Harness::new().await;
    let token = gate.user("Orders.ReadWrite");
    let call = || gate.call("PUT", "/api/orders/1");
    let weak = gate.session_of(&token, json!({ "acr": "p1" })).await;
    let answer = call().cookie(&weak).send().await;
    assert_eq!(answer.refusal(), (401, "insufficient_user_authentication"));
    assert_eq!(answer.json()["acr_values"], "c1");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.ends_with("acr_values=\"c1\""), "{challenge}");
    let strong = gate.session_of(&token, json!({ "acr": "c1" })).await;
    call().cookie(&strong).send().await.ok();
    // The ID token of the session counts, and for a bearer token its own claim.
    let bearer = gate.user_token("ada").claim("scp", "Orders.ReadWrite").claim("acr", "c1");
    call().bearer(&bearer.signed()).send().await.ok();
    call().bearer(&gate.app_token("daemon", "Orders.Write.All")).send().await.ok();
}
