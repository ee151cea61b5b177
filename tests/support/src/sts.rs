//! AWS STS with the action `GetWebIdentityToken`, for a role with the policy of `template.yaml`. It
//! refuses what AWS refuses: AWS STS API Reference, "`GetWebIdentityToken`"; IAM User Guide, "Create
//! a signed AWS API request".

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac::{HMAC_SHA256, Key, sign},
};
use serde_json::json;

use crate::{MockResponse, Received, SigningKey, TokenBuilder};

/// The secret of every access key.
const SECRET_ACCESS_KEY: &str = "key";
/// What the role's policy allows.
const AUDIENCE: &str = "api://AzureADTokenExchange";
const MOST_SECONDS: u64 = 300;

impl MockResponse {
    /// An error of AWS STS.
    ///
    /// # Panics
    /// When it is no status.
    pub fn sts_error(status: u16, code: &str) -> Self {
        error(status, code, "as scripted")
    }
}

fn error(status: u16, code: &str, message: &str) -> MockResponse {
    let error = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    \
         <Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>\n  \
         </Error>\n</ErrorResponse>"
    );
    MockResponse::text(error).header("content-type", "text/xml").with_status(status)
}

pub(crate) fn answer(request: &Received) -> MockResponse {
    let form = request.form();
    let parameter = |name: &str| form.get(name).map_or("", String::as_str);
    if !is_signed(request).unwrap_or_default() {
        return error(403, "SignatureDoesNotMatch", "The signature does not match.");
    }
    if (parameter("Action"), parameter("Version")) != ("GetWebIdentityToken", "2011-06-15") {
        return error(400, "InvalidAction", "Could not find operation.");
    }
    let audience = parameter("Audience.member.1");
    let seconds = form.get("DurationSeconds").map_or(Ok(300), |text| text.parse::<u64>());
    let valid = (1..=1000).contains(&audience.len())
        && seconds.as_ref().is_ok_and(|it| (60..=3600).contains(it))
        && ["RS256", "ES384"].contains(&parameter("SigningAlgorithm"));
    if !valid {
        return error(400, "ValidationError", "1 validation error detected.");
    }
    let seconds = seconds.unwrap_or_default();
    if audience != AUDIENCE || seconds > MOST_SECONDS {
        let message = "User: arn:aws:sts::123456789012:assumed-role/web is not authorized to \
                       perform: sts:GetWebIdentityToken";
        return error(403, "AccessDenied", message);
    }
    let claims = json!({
        "iss": "https://abc.tokens.sts.global.api.aws",
        "sub": "arn:aws:iam::123456789012:role/web",
        "aud": audience,
        "lifetime": seconds,
        "jti": request.header("x-amz-date"),
    });
    let token = TokenBuilder::new(SigningKey::first().id(), claims).signed();
    MockResponse::text(format!(
        "<GetWebIdentityTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  \
         <GetWebIdentityTokenResult>\n    <WebIdentityToken>{token}</WebIdentityToken>\n    \
         <Expiration>2026-11-30T12:00:00Z</Expiration>\n  </GetWebIdentityTokenResult>\n  \
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>\n\
         </GetWebIdentityTokenResponse>"
    ))
}

/// Signature Version 4: of the method, path, body, host, time and the token of temporary credentials.
fn is_signed(request: &Received) -> Option<bool> {
    let authorization = request.header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let mut parts = authorization.split(", ").filter_map(|part| part.split_once('='));
    let mut part = |name: &str| parts.next().filter(|(it, _)| *it == name).map(|(_, it)| it);
    let (_, scope) = part("Credential")?.split_once('/')?;
    let names: Vec<&str> = part("SignedHeaders")?.split(';').collect();
    let signature = part("Signature")?;
    let [date, region, "sts", "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
        return Some(false);
    };
    let time = request.header("x-amz-date")?;
    let token = request.header("x-amz-security-token").map(|_| "x-amz-security-token");
    let mut required = ["host", "x-amz-date"].into_iter().chain(token);
    if !required.all(|name| names.contains(&name)) || !time.starts_with(date) {
        return Some(false);
    }
    let headers = names.iter().map(|name| Some(format!("{name}:{}\n", request.header(name)?)));
    let headers = headers.collect::<Option<String>>()?;
    let hash = |bytes: &[u8]| hex(digest(&SHA256, bytes).as_ref());
    let canonical = format!(
        "{}\n{}\n\n{headers}\n{}\n{}",
        request.method,
        request.path,
        names.join(";"),
        hash(&request.body)
    );
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hash(canonical.as_bytes()));
    let hmac = |key: &[u8], text: &str| {
        sign(&Key::new(HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
    };
    let secret = format!("AWS4{SECRET_ACCESS_KEY}").into_bytes();
    let parts = [date, region, "sts", "aws4_request"];
    let key = parts.into_iter().fold(secret, |key, part| hmac(&key, part));
    Some(hex(&hmac(&key, &text)) == signature)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
