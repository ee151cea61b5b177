use serde_json::json;
use url::form_urlencoded;

use super::{
    directory::{Directory, TENANT_ID},
    reply::Reply,
};

/// `login.microsoftonline.com`: the device authorization grant; and the tenant's own hosts.
pub(super) fn answer(directory: &mut Directory, path: &str, body: &[u8]) -> Reply {
    let form = String::from_utf8(body.to_vec()).unwrap();
    let field = |name| form_urlencoded::parse(body).find(|it| it.0 == name).map(|it| it.1);
    if let Some(scope) = field("scope") {
        let how = path.rsplit('/').next().unwrap();
        let scope = scope.replace("https://graph.microsoft.com/", "");
        directory.asked.push(format!("{how}: {scope}"));
    }
    match path {
        "/contoso.onmicrosoft.com/oauth2/v2.0/devicecode" => {
            assert!(form.contains("client_id=14d82eec-204b-4c2f-b7e8-296a70dab67e"), "{form}");
            Reply::ok(json!({
                "device_code": "the-device-code",
                "user_code": "ABCD1234",
                "verification_uri": "https://microsoft.com/devicelogin",
                "expires_in": 900,
                "interval": 5,
                "message": "To sign in, use a web browser.",
            }))
        }
        "/contoso.onmicrosoft.com/oauth2/v2.0/token" => {
            let refreshes = field("refresh_token").is_some_and(|it| it == "the-refresh-token");
            assert!(refreshes || form.contains("device_code=the-device-code"), "{form}");
            let refused = (refreshes && !directory.consented).then_some("invalid_grant");
            match refused.or_else(|| directory.login.pop()) {
                Some(error) => Reply::oauth_error(error),
                None => Reply::ok(json!({
                    "access_token": "the-token",
                    "refresh_token": "the-refresh-token",
                    "expires_in": 3600,
                })),
            }
        }
        _ => discovery(directory, path),
    }
}

/// `https://{host}` of an external tenant.
fn discovery(directory: &Directory, path: &str) -> Reply {
    let document = format!("/{TENANT_ID}/v2.0/.well-known/openid-configuration");
    let hosts = [format!("/{TENANT_ID}.ciamlogin.com"), "/contoso.ciamlogin.com".to_owned()];
    let hosts = hosts.iter().map(String::as_str).chain(["/login.example.com", "/other.example"]);
    let host = path.strip_suffix(&document).filter(|host| hosts.into_iter().any(|it| it == *host));
    let Some(host) = host.filter(|_| directory.is_external) else { return Reply::not_found() };
    let host = host.trim_start_matches('/');
    let issuer =
        if directory.own_issuer == host { host } else { &format!("{TENANT_ID}.ciamlogin.com") };
    let tenant = if host == "other.example" { "another" } else { TENANT_ID };
    Reply::ok(json!({
        "issuer": format!("https://{issuer}/{tenant}/v2.0"),
        "token_endpoint": format!("https://{host}/{tenant}/oauth2/v2.0/token"),
    }))
}
