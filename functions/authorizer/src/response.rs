use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::event::AnswerFormat;

/// What API Gateway does with a request. In JSON, as the event wanted it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct AuthorizerResponse(Value);

/// Who calls, for the integration: strings alone, since a REST API takes nothing else.
pub(crate) type Context = Map<String, Value>;

impl AuthorizerResponse {
    /// `None` denies the request: the gateway answers 403.
    pub(crate) fn new(format: AnswerFormat, context: Option<Context>) -> Self {
        Self(match format {
            AnswerFormat::Simple => {
                json!({ "isAuthorized": context.is_some(), "context": context.unwrap_or_default() })
            }
            AnswerFormat::Policy { method_arn } => policy(&method_arn, context),
        })
    }
}

/// For this method and path alone: the policies of other routes differ.
fn policy(method_arn: &str, context: Option<Context>) -> Value {
    // The caller writes the path, and to IAM these would match others.
    let is_exact = !["*", "?", "${"].iter().any(|wildcard| method_arn.contains(wildcard));
    let context = context.filter(|_| is_exact);
    let effect = if context.is_some() { "Allow" } else { "Deny" };
    let context = context.unwrap_or_default();
    json!({
        // Required of a refused caller, too.
        "principalId": context.get("sub").and_then(Value::as_str).unwrap_or("anonymous"),
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                { "Action": "execute-api:Invoke", "Effect": effect, "Resource": method_arn },
            ],
        },
        "context": context,
    })
}
