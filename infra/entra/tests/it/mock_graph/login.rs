use serde_json::json;

use super::{directory::Directory, reply::Reply};

/// `login.microsoftonline.com`: the device authorization grant.
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
        _ => Reply::not_found(),
    }
}
