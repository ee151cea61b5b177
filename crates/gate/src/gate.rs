use std::{collections::HashMap, sync::Arc};

use api::{ApiState, use_session};
use auth::{AuthError, Caller, Clock, RequestHead, SessionUser, StepUp, Verifier};
use aws_sdk_dynamodb::Client;
use axum::{
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header::AUTHORIZATION, request::Parts};
use key_snapshot::KeySource;
use outbound::Outbound;
use percent_encoding::percent_decode_str;
use route_policy::{Requirement, RouteError, RoutePolicy};
use serve::{Problem, PublicOrigin, PublicUrl, StartError, WarmUp};
use session::{Random, Session, SystemRandom};
use settings::Environment;

use crate::{Admitted, AdmittedCaller, GateConfig};

/// Decides who may make a request. Cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<State>);

struct State {
    api: ApiState,
    policies: route_policy::RoutePolicies,
    /// Of the APIs besides the first, by name.
    verifiers: HashMap<String, Verifier>,
    acr_claim: auth::AcrClaim,
    leeway: std::time::Duration,
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
        let client = outbound.dynamodb(environment)?;
        let (clock, random) = (Arc::new(auth::SystemClock), Arc::new(SystemRandom));
        let api = &config.api;
        let source = KeySource::new(
            &api.keys,
            &api.provider,
            environment,
            outbound,
            &client,
            clock.clone(),
        )?;
        let gate = Self::new(config, source, client, clock, random)?;
        gate.0.api.warm_up(WarmUp::new(outbound.timeouts().warm_up)).await?;
        Ok(gate)
    }

    /// Takes what reaches outside: the provider, the sessions, the time and random bytes. Calls
    /// nothing yet.
    ///
    /// # Errors
    /// When the configuration lacks an audience.
    pub fn new(
        config: GateConfig,
        fetch: impl auth::Fetch,
        dynamodb: Client,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let GateConfig { api, policies, other_apis, acr_claim } = config;
        let (rules, leeway) = (api.rules.clone(), api.provider.leeway);
        let api = ApiState::new(api, fetch, dynamodb, clock, random)?;
        let verifier = |other: &settings::OtherApi| {
            let mut rules = rules.clone();
            rules.audiences.clone_from(&other.audiences);
            Ok::<_, StartError>((other.name.clone(), api.verifier_of(rules)?))
        };
        let verifiers = other_apis.iter().map(verifier).collect::<Result<_, _>>()?;
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
        let (admitted, claims) = if let Some(user) = session_user(head) {
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

/// The user of a session that needs no token.
fn session_user<'r>(head: &RequestHead<'r>) -> Option<&'r SessionUser> {
    let has_token = |headers: &HeaderMap| headers.contains_key(AUTHORIZATION);
    head.session_user.filter(|_| !has_token(head.headers))
}

fn denied(error: RouteError) -> Response {
    tracing::info!(code = error.code(), reason = %error, "request denied");
    let detail = match error {
        RouteError::NotNamed => "No policy lets requests use this route.",
        RouteError::AmbiguousPath => "This path could be read in two ways.",
    };
    Problem::new(StatusCode::FORBIDDEN).code(error.code()).detail(detail).into_response()
}
