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
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{AccessClaims, AuthError, Policy, RequestHead, Verified, Verifier};

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

/// Why a request does not go on: the error that the function returns, as a
/// `lambda_runtime::Error` (`?` makes one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuthorizerError {
    /// No good token. The gateway answers 401 to this very text.
    #[error("Unauthorized")]
    Unauthorized,
    /// The token could not be verified. The gateway answers 500.
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
    /// with spaces between them; a role with a space in it is left out).
    ///
    /// # Errors
    /// When there is no good token, or it cannot be verified. A good token without
    /// permission is not an error: the response says so, and the gateway answers 403.
    pub async fn http_api(
        &self,
        event: &ApiGatewayV2CustomAuthorizerV2Request,
    ) -> Result<ApiGatewayV2CustomAuthorizerSimpleResponse, AuthorizerError> {
        let request = RequestHead::new(
            &event.request_context.http.method,
            event.raw_path.as_deref().unwrap_or("/"),
            &event.headers,
        );
        let verdict = self.check(&request).await?;
        let mut response = ApiGatewayV2CustomAuthorizerSimpleResponse::default();
        response.is_authorized = verdict.may;
        response.context = verdict.context();
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
        let method = event.http_method.as_ref().ok_or(AuthorizerError::Unavailable)?;
        let path = event.request_context.path.as_deref().or(event.path.as_deref()).unwrap_or("/");
        // The one has the last value of each header, the other (which an HTTP
        // API does not send) has all: a second `Authorization` must be seen.
        let multiple = &event.multi_value_headers;
        let headers = if multiple.is_empty() { &event.headers } else { multiple };
        let verdict = self.check(&RequestHead::new(method, path, headers)).await?;
        let mut statement = IamPolicyStatement::default();
        statement.action = vec!["execute-api:Invoke".to_owned()];
        statement.resource = vec![stage(event.method_arn.as_deref())?];
        statement.effect = if verdict.may { IamPolicyEffect::Allow } else { IamPolicyEffect::Deny };
        let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
        policy.version = Some("2012-10-17".to_owned());
        policy.statement = vec![statement];
        let mut response = ApiGatewayCustomAuthorizerResponse::default();
        // Of a refused caller too: accounts differ on whether the gateway takes a
        // policy without one, or answers 500 where 403 is meant.
        response.principal_id = Some(verdict.claims.subject().to_owned());
        response.context = verdict.context();
        response.policy_document = policy;
        Ok(response)
    }

    /// Who calls, by a good token, and whether they may.
    async fn check(&self, request: &RequestHead<'_>) -> Result<Verdict, AuthorizerError> {
        let claims = self.verifier.authenticate(request).await.map_err(|error| {
            error.log();
            if error.status().is_server_error() {
                AuthorizerError::Unavailable
            } else {
                AuthorizerError::Unauthorized
            }
        })?;
        let checked = self.policy.check(&claims);
        let may = checked.is_ok();
        if let Err(lack) = checked {
            AuthError::from(lack).log();
        }
        Ok(Verdict { claims, may })
    }
}

/// Who calls, by a good token, and whether they may.
struct Verdict {
    claims: Verified<AccessClaims>,
    may: bool,
}

impl fmt::Debug for LambdaAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LambdaAuthorizer").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Verdict {
    /// What the integration learns of who may. Strings alone: a REST API takes
    /// nothing else.
    fn context(&self) -> Value {
        let Self { claims, may } = self;
        let mut context = Map::new();
        if !may {
            return context.into();
        }
        let joined = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(" ");
        // A role with a space in it would be read as two.
        let mut whole_roles = claims.roles().filter(|role| !role.contains(char::is_whitespace));
        let kind = if claims.is_app_only() { "app" } else { "user" };
        context.insert("issuer".to_owned(), claims.issuer().as_str().into());
        context.insert("subject".to_owned(), claims.subject().into());
        context.insert("kind".to_owned(), kind.into());
        context.insert("scope".to_owned(), joined(&mut claims.scopes()).into());
        context.insert("roles".to_owned(), joined(&mut whole_roles).into());
        for (name, value) in [("object_id", claims.object_id()), ("client", claims.client())] {
            if let Some(value) = value {
                context.insert(name.to_owned(), value.into());
            }
        }
        context.into()
    }
}

/// All routes of the stage that this ARN is of:
/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`.
///
/// Refuses anything else: part of an ARN, a wildcard or an IAM policy variable (`${…}`) could match
/// more than this stage, and API Gateway sends none of them.
fn stage(method_arn: Option<&str>) -> Result<String, AuthorizerError> {
    let arn = method_arn.unwrap_or_default();
    let mut segments = arn.split('/');
    let (Some(api), Some(stage), Some(_)) = (segments.next(), segments.next(), segments.next())
    else {
        return Err(AuthorizerError::Unavailable);
    };
    let fields: Vec<&str> = api.split(':').collect();
    let ["arn", _, "execute-api", _, _, _] = fields[..] else {
        return Err(AuthorizerError::Unavailable);
    };
    let is_name = |name: &str| !name.is_empty() && !name.contains(['*', '?', '$']);
    if fields.into_iter().all(is_name) && (stage == "$default" || is_name(stage)) {
        Ok(format!("{api}/{stage}/*"))
    } else {
        Err(AuthorizerError::Unavailable)
    }
}
