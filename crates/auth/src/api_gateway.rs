//! A Lambda authorizer for Amazon API Gateway.

use std::{fmt, sync::Arc};

use aws_lambda_events::event::{
    apigw::{
        ApiGatewayCustomAuthorizerPolicy, ApiGatewayCustomAuthorizerRequestTypeRequest,
        ApiGatewayCustomAuthorizerResponse, ApiGatewayV2CustomAuthorizerSimpleResponse,
        ApiGatewayV2CustomAuthorizerV2Request,
    },
    iam::{IamPolicyEffect, IamPolicyStatement},
};
use http::{Method, StatusCode};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{AccessClaims, Incoming, Policy, Refusal, Verified, Verifier};

/// Lets a request to API Gateway go on to its integration, or not.
///
/// The gateway makes the answer, so a client gets less than from the other ways
/// in: 401 and 403 without `WWW-Authenticate`, and 500 where those say 503. Where
/// that matters, authorize in the function itself.
///
/// The gateway may keep a verdict for as long as `AuthorizerResultTtlInSeconds`
/// says, beyond the end of the token. Set it to 0 for DPoP, of which each request
/// has a proof of its own.
#[derive(Clone)]
pub struct LambdaAuthorizer {
    verifier: Verifier,
    policy: Arc<Policy>,
}

/// Why a request does not go on: the error that the function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuthorizerError {
    /// No good token. The gateway answers 401 to this very text.
    #[error("Unauthorized")]
    Unauthorized,
    /// The token could not be judged. The gateway answers 500.
    #[error("Tokens cannot be checked at the moment.")]
    Unavailable,
}

impl LambdaAuthorizer {
    /// Lets in whom this policy lets in.
    pub fn new(verifier: Verifier, policy: Policy) -> Self {
        Self { verifier, policy: Arc::new(policy) }
    }

    /// For an HTTP API, with payload format 2.0 and simple responses. The
    /// integration finds in its event's context: `issuer`, `subject`,
    /// `object_id`, `client`, `kind` (`user` or `app`), `scope` and `roles` (names
    /// with spaces between them).
    ///
    /// # Errors
    /// When there is no good token, or it cannot be judged. A good token without
    /// permission is no error: the response says so, and the gateway answers 403.
    pub async fn http_api(
        &self,
        event: &ApiGatewayV2CustomAuthorizerV2Request,
    ) -> Result<ApiGatewayV2CustomAuthorizerSimpleResponse, AuthorizerError> {
        let request = Incoming::new(
            &event.request_context.http.method,
            event.raw_path.as_deref().unwrap_or("/"),
            &event.headers,
        );
        let mut response = ApiGatewayV2CustomAuthorizerSimpleResponse::default();
        if let Some(claims) = self.judge(&request).await? {
            response.is_authorized = true;
            response.context = context(&claims);
        }
        Ok(response)
    }

    /// For a REST API, with an authorizer of type `REQUEST`; also for an HTTP API
    /// with payload format 1.0. The context is that of [`http_api`](Self::http_api).
    ///
    /// The policy covers the whole stage, since the gateway keeps it for other
    /// routes too. It reaches no further than where this authorizer is attached.
    ///
    /// # Errors
    /// As [`http_api`](Self::http_api). A good token without permission gets a
    /// policy that denies, and the gateway answers 403.
    pub async fn rest_api(
        &self,
        event: &ApiGatewayCustomAuthorizerRequestTypeRequest,
    ) -> Result<ApiGatewayCustomAuthorizerResponse, AuthorizerError> {
        let method = event.http_method.clone().unwrap_or(Method::GET);
        let path = event.request_context.path.as_deref().or(event.path.as_deref()).unwrap_or("/");
        let request = Incoming::new(&method, path, &event.headers);
        let claims = self.judge(&request).await?;
        let mut statement = IamPolicyStatement::default();
        statement.action = vec!["execute-api:Invoke".to_owned()];
        statement.resource = vec![stage(event.method_arn.as_deref())?];
        let mut response = ApiGatewayCustomAuthorizerResponse::default();
        if let Some(claims) = claims {
            statement.effect = IamPolicyEffect::Allow;
            response.principal_id = Some(claims.subject().to_owned());
            response.context = context(&claims);
        } else {
            statement.effect = IamPolicyEffect::Deny;
        }
        let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
        policy.version = Some("2012-10-17".to_owned());
        policy.statement = vec![statement];
        response.policy_document = policy;
        Ok(response)
    }

    /// The claims of who may; `None` for a good token without permission.
    async fn judge(
        &self,
        request: &Incoming<'_>,
    ) -> Result<Option<Verified<AccessClaims>>, AuthorizerError> {
        let refusal = match self.verifier.authenticate(request).await {
            Ok(claims) => match self.policy.check(&claims) {
                Ok(_) => return Ok(Some(claims)),
                Err(lack) => Refusal::from(lack),
            },
            Err(refusal) => refusal,
        };
        refusal.log();
        match refusal.status() {
            StatusCode::FORBIDDEN => Ok(None),
            status if status.is_server_error() => Err(AuthorizerError::Unavailable),
            _ => Err(AuthorizerError::Unauthorized),
        }
    }
}

impl fmt::Debug for LambdaAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LambdaAuthorizer").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Strings alone: a REST API takes nothing else.
fn context(claims: &Verified<AccessClaims>) -> Value {
    let joined = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(" ");
    let kind = if claims.is_app_only() { "app" } else { "user" };
    let optional = [("object_id", claims.object_id()), ("client", claims.client())];
    let mut context = Map::new();
    context.insert("issuer".to_owned(), claims.issuer().as_str().into());
    context.insert("subject".to_owned(), claims.subject().into());
    context.insert("kind".to_owned(), kind.into());
    context.insert("scope".to_owned(), joined(&mut claims.scopes()).into());
    context.insert("roles".to_owned(), joined(&mut claims.roles()).into());
    for (name, value) in optional {
        if let Some(value) = value {
            context.insert(name.to_owned(), value.into());
        }
    }
    Value::Object(context)
}

/// All routes of the stage that this ARN is of:
/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`.
fn stage(method_arn: Option<&str>) -> Result<String, AuthorizerError> {
    let mut segments = method_arn.unwrap_or_default().split('/');
    match (segments.next(), segments.next(), segments.next()) {
        (Some(api), Some(stage), Some(_)) => Ok(format!("{api}/{stage}/*")),
        // An event that no gateway sends.
        _ => Err(AuthorizerError::Unavailable),
    }
}
