use std::{collections::HashMap, sync::Arc, time::Duration};

use api::{ApiConfig, ApiState, use_session};
use auth::{AcrClaim, AuthError, Caller, Clock, Fetch, RequestHead, StepUp, Verifier};
use aws_sdk_dynamodb::Client;
use axum::{
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use outbound::Outbound;
use percent_encoding::percent_decode_str;
use route_policy::{Requirement, RouteError, RoutePolicies, RoutePolicy};
use serve::{Problem, PublicOrigin, PublicUrl, StartError};
use session::{Random, Session};
use settings::{Environment, OtherApi};

use crate::{Admitted, AdmittedCaller, GateConfig};

/// Decides who may make a request. Cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<State>);

struct State {
    api: ApiState,
    policies: RoutePolicies,
    /// Of the APIs besides the first, by name.
    verifiers: HashMap<String, Verifier>,
    acr_claim: AcrClaim,
    leeway: Duration,
}

impl Gate {
    /// Makes the gate and loads the keys.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub async fn start(
        config: GateConfig,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let api = ApiState::start(config.api.clone(), environment, outbound).await?;
        Self::of(api, config)
    }

    /// Takes what reaches outside: the provider, the sessions, the time and random bytes. Calls
    /// nothing yet.
    ///
    /// # Errors
    /// When the configuration lacks an audience.
    pub fn new(
        config: GateConfig,
        fetch: impl Fetch,
        dynamodb: Client,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let api = ApiState::new(config.api.clone(), fetch, dynamodb, clock, random)?;
        Self::of(api, config)
    }

    fn of(api: ApiState, config: GateConfig) -> Result<Self, StartError> {
        let GateConfig { api: ApiConfig { rules, provider, .. }, policies, other_apis, acr_claim } =
            config;
        let verifier = |other: &OtherApi| {
            let mut rules = rules.clone();
            rules.audiences.clone_from(&other.audiences);
            Ok::<_, StartError>((other.name.clone(), api.verifier_of(rules)?))
        };
        let verifiers = other_apis.iter().map(verifier).collect::<Result<_, _>>()?;
        let leeway = provider.leeway;
        Ok(Self(Arc::new(State { api, policies, verifiers, acr_claim, leeway })))
    }

    /// The origin that browsers see.
    pub fn public_url(&self) -> &PublicUrl {
        self.0.api.public_url()
    }

    /// Who makes this request, if they may. Changes the head: a session's token goes into the
    /// `Authorization` header, as that of another caller.
    ///
    /// # Errors
    /// The response that refuses it.
    pub async fn admit(&self, request: &mut Parts) -> Result<Admitted, Response> {
        let path = percent_decode_str(request.uri.path()).decode_utf8();
        let found = path.map_err(|_| RouteError::AmbiguousPath);
        let found = found.and_then(|path| self.0.policies.find(&request.method, &path));
        match found.map_err(denied)? {
            RoutePolicy::Anonymous => Ok(Admitted::Anonymous),
            RoutePolicy::Authenticated(required) => {
                self.admit_caller(request, required).await.map(Admitted::Caller)
            }
        }
    }

    async fn admit_caller(
        &self,
        request: &mut Parts,
        required: &Requirement,
    ) -> Result<AdmittedCaller, Response> {
        let Ok(origin) = PublicOrigin::from_request_parts(request, &()).await;
        let api = required.api.as_deref();
        let session = use_session(&self.0.api, &origin, request, api).await?;
        let head = RequestHead::from(&*request);
        let first = Verifier::from_ref(&self.0.api);
        let verifier = api.map_or(&first, |name| &self.0.verifiers[name]);
        let admitted = self.check(verifier, &head, required, session.as_ref()).await;
        admitted.map_err(|error| verifier.error_response(&head, error).into_response())
    }

    async fn check(
        &self,
        verifier: &Verifier,
        head: &RequestHead<'_>,
        required: &Requirement,
        session: Option<&Session>,
    ) -> Result<AdmittedCaller, AuthError> {
        let (admitted, claims) = if let Some(user) = head.stand_in() {
            let caller = required.permissions.check_session(user)?;
            (AdmittedCaller::by_session(caller, user), None)
        } else {
            let claims = verifier.authenticate(head).await?;
            let caller = required.permissions.check(&claims)?;
            let token = auth::credentials(head.headers)?.token;
            (AdmittedCaller::by_token(caller, &claims, token.into()), Some(claims))
        };
        let needs_step_up = required.max_age.is_some() || required.acr_values.is_some();
        if needs_step_up && matches!(admitted.caller, Caller::User(_)) {
            let step_up = StepUp {
                max_age: required.max_age,
                acr_values: required.acr_values.clone(),
                acr_claim: self.0.acr_claim,
                leeway: self.0.leeway,
            };
            let began = session.map(Session::created_at);
            // The ID token of a session says more than its access token.
            let of_session = session.map(|session| session.contents().claims.clone());
            let claims = of_session.or(claims.map(|claims| claims.document())).unwrap_or_default();
            step_up.check(&claims, began, self.0.api.clock().now())?;
        }
        Ok(admitted)
    }
}

fn denied(error: RouteError) -> Response {
    tracing::info!(code = error.code(), reason = %error, "request denied");
    let detail = match error {
        RouteError::NotNamed => "No policy lets requests use this route.",
        RouteError::AmbiguousPath => "This path could be read in two ways.",
    };
    Problem::new(StatusCode::FORBIDDEN).code(error.code()).detail(detail).into_response()
}
