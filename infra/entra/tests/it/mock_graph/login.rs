use serde_json::json;

use super::{
    directory::{Directory, TENANT_ID},
    reply::Reply,
};

/// `login.microsoftonline.com`: the device authorization grant; and the tenant's own hosts.
pub(super) fn answer(directory: &mut Directory, path: &str, body: &[u8]) -> Reply {
    let form = String::from_utf8(body.to_vec()).unwrap();
    match path {
        "/contoso.onmicrosoft.com/oauth2/v2.0/devicecode" => {
            assert!(form.contains("client_id=14d82eec-204b-4c2f-b7e8-296a70dab67e"), "{form}");
            assert!(form.contains("Application.ReadWrite.All"), "{form}");
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
            assert!(form.contains("device_code=the-device-code"), "{form}");
            match directory.login.pop() {
                Some(error) => Reply::oauth_error(error),
                None => Reply::ok(json!({ "access_token": "the-token", "expires_in": 3600 })),
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
