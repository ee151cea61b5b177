//! A real sign-in in the user's browser, with the crates that the functions use. No text here has a
//! token, a code, a secret or the value of a claim.

mod browser;

use std::{sync::Arc, time::SystemTime};

use ::settings::{Environment, StepUpMethod, all};
use auth::{
    AcrValues, ExpectedNonce, HttpFetch, IdTokenExpectations, IdTokenVerifier, Provider,
    ProviderConfig, SystemClock, VerifyError,
};
use outbound::Outbound;
use relying_party::{
    AdditionalParams, AuthorizationRequest, AuthorizationResponse, ClientConfig, ClientId,
    CredentialConfig, Discovery, EndSession, Endpoints, Interaction, PushedAuthorization,
    Redemption, RequestedScopes, SignOut, Token, TokenEndpoint, TokenEndpointError, Tokens,
    sanitized_code,
};
use serde_json::{Map, Value};
use session::{OAuthState, ReturnTo, SignInTransaction, SystemRandom, random_text};
use url::{Url, form_urlencoded};

use crate::{
    Check, Code, Finding, Outcome,
    checks::{authorization, credential, settings::value, token},
};
pub use browser::Browser;
use browser::TimeoutError;

/// The steps in their order. Each needs those before it.
pub(crate) const STEPS: [&str; 6] =
    ["sign-in", "id-token", "access-token", "refresh", "step-up", "sign-out"];

/// Takes the steps until one fails.
pub(crate) async fn check(
    environment: &Environment,
    outbound: &Outbound,
    mut browser: Browser,
) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut reason = "a setting is missing or wrong; see settings".to_owned();
    if let Some(web_app) = WebApp::new(environment, outbound, browser.url("/callback")) {
        let mut refresh_tokens = Vec::new();
        web_app.steps(&mut browser, &mut checks, &mut refresh_tokens).await;
        for token in refresh_tokens {
            web_app.token_endpoint.revoke(&web_app.discovery, Some(token.as_str())).await;
        }
        let failed = checks.last().map_or(STEPS[0], |check| check.name);
        reason = format!("{failed} failed");
    }
    browser.finish().await;
    let left = &STEPS[checks.len()..];
    checks.extend(left.iter().map(|name| Check::skipped(name, &reason)));
    checks
}

/// The web app, as `callback` and `web` are together.
struct WebApp<'a> {
    environment: &'a Environment,
    outbound: &'a Outbound,
    provider: ProviderConfig,
    client_id: ClientId,
    callback: Url,
    scopes: RequestedScopes,
    additional_params: AdditionalParams,
    pushed_authorization: PushedAuthorization,
    step_up: StepUpMethod,
    sign_out: SignOut,
    token_endpoint: TokenEndpoint,
    discovery: Discovery,
    id_tokens: IdTokenVerifier,
}

/// A sign-in that brought tokens, which are not verified yet.
struct SignedIn {
    transaction: SignInTransaction,
    tokens: Tokens,
    seen: String,
}

impl<'a> WebApp<'a> {
    /// `None` if a setting is missing or wrong.
    fn new(environment: &'a Environment, outbound: &'a Outbound, callback: Url) -> Option<Self> {
        let client = all((
            ClientConfig::from_environment(environment),
            CredentialConfig::from_environment(environment),
        ));
        let requests = all((
            RequestedScopes::from_environment(environment),
            AdditionalParams::from_environment(environment),
            PushedAuthorization::from_environment(environment),
            StepUpMethod::from_environment(environment),
            SignOut::from_environment(environment),
        ));
        let (client, credential) = client.ok()?;
        let (scopes, additional_params, pushed_authorization, step_up, sign_out) = requests.ok()?;
        let ClientConfig { provider, client_id } = client;
        let clock = Arc::new(SystemClock);
        let fetch = HttpFetch::new(outbound.http().clone());
        let trusted = Provider::new(provider.clone(), fetch, clock.clone());
        let token_endpoint = TokenEndpoint::new(
            client_id.clone(),
            provider.issuer.clone(),
            credential,
            environment,
            outbound,
            clock,
        );
        Some(Self {
            environment,
            outbound,
            id_tokens: IdTokenVerifier::new(trusted.clone(), client_id.as_str()).ok()?,
            discovery: Discovery::of(trusted),
            provider,
            client_id,
            callback,
            scopes,
            additional_params,
            pushed_authorization,
            step_up,
            sign_out,
            token_endpoint,
        })
    }

    /// `None` after a step that failed, which is then the last.
    async fn steps(
        &self,
        browser: &mut Browser,
        checks: &mut Vec<Check>,
        refresh_tokens: &mut Vec<Token>,
    ) -> Option<()> {
        let endpoints = match self.discovery.endpoints().await {
            Ok(endpoints) => endpoints,
            Err(error) => {
                let finding = failed(Code::ProviderUnreachable, &error, "try again");
                return record(checks, Err(finding));
            }
        };
        let signed_in = self.sign_in(browser, &endpoints, None).await;
        let SignedIn { transaction, tokens, seen } = record(checks, signed_in)?;
        good(checks, &seen);
        refresh_tokens.extend(tokens.refresh_token.clone());

        let (mut claims, seen) = record(checks, self.id_token(&transaction, &tokens).await)?;
        good(checks, &seen);
        push(checks, self.access_token(&tokens).await)?;
        let refreshed = match &tokens.refresh_token {
            Some(token) => self.refresh(&endpoints, token, &claims, refresh_tokens).await,
            None => Check::of(STEPS[3], "", vec![no_refresh_token()]),
        };
        push(checks, refreshed)?;
        let mut id_token = tokens.id_token;

        match self.environment.text("SESSION_STEP_UP_ACR").map(AcrValues::parse) {
            Some(Ok(values)) => {
                let stepped_up = self.sign_in(browser, &endpoints, Some(values)).await;
                let SignedIn { transaction, tokens, .. } = record(checks, stepped_up)?;
                refresh_tokens.extend(tokens.refresh_token.clone());
                let verified = self.id_token(&transaction, &tokens).await;
                let seen;
                (claims, seen) = record(checks, verified)?;
                good(
                    checks,
                    &format!("the ID token has {}; {seen}", self.step_up.claim().as_str()),
                );
                id_token = tokens.id_token;
            }
            Some(Err(_)) | None => {
                checks.push(Check::skipped(STEPS[4], "SESSION_STEP_UP_ACR is not set"));
            }
        }
        push(checks, self.sign_out(browser, &endpoints, id_token.as_ref(), &claims).await)
    }

    async fn sign_in(
        &self,
        browser: &mut Browser,
        endpoints: &Endpoints,
        acr_values: Option<AcrValues>,
    ) -> Result<SignedIn, Finding> {
        let callback = &self.callback;
        let transaction =
            SignInTransaction::begin(&SystemRandom, SystemTime::now(), ReturnTo::home(), None)
                .with_acr_values(acr_values);
        let request = AuthorizationRequest {
            client_id: &self.client_id,
            redirect_uri: callback,
            scopes: &self.scopes,
            additional_params: &self.additional_params,
            step_up: self.step_up,
            transaction: &transaction,
            interaction: &Interaction::default(),
        };
        let todo = "compare OIDC_CLIENT_ID, OIDC_CLIENT_AUTH and the credential with the provider's \
                    registration, and look in its log";
        let refused = |error| self.token_endpoint_error(&error, Code::CodeRefused, todo);
        let url = if self.pushed_authorization.applies(endpoints) {
            let pushed = self.token_endpoint.push(endpoints, &request).await.map_err(refused)?;
            pushed.url(endpoints, &self.client_id)
        } else {
            request.url(endpoints)
        };
        let url = url.map_err(|error| refused(error.into()))?;
        let query = browser.go(&url, "/callback").await.map_err(|TimeoutError| {
            no_return(callback, "if it shows an error of the provider, look that up")
        })?;
        let (code, seen) = self.code(&query, &transaction, endpoints)?;
        let redemption = Redemption {
            code: &code,
            code_verifier: transaction.verifier(),
            redirect_uri: callback,
        };
        let tokens = self.token_endpoint.redeem(endpoints, redemption).await.map_err(refused)?;
        let has = |token: &Option<Token>| if token.is_some() { "yes" } else { "no" };
        let seen = format!(
            "{seen}, and was redeemed; expires_in: {}; refresh token: {}; ID token: {}",
            seconds(&tokens),
            has(&tokens.refresh_token),
            has(&tokens.id_token)
        );
        Ok(SignedIn { transaction, tokens, seen })
    }

    /// The code of an authorization response, judged as `callback` does.
    fn code(
        &self,
        query: &str,
        transaction: &SignInTransaction,
        endpoints: &Endpoints,
    ) -> Result<(String, String), Finding> {
        let untrusted = |seen: &str| {
            let todo = "close other tabs of this address and run it again; if it stays, something \
                        between the provider and this browser changes addresses";
            failed(Code::SignInAnswer, seen, todo)
        };
        let response = AuthorizationResponse::parse(query)
            .map_err(|_| untrusted("the response repeats a parameter"))?;
        let state = response.state.as_deref().and_then(OAuthState::parse);
        if state.as_ref() != Some(transaction.state()) {
            return Err(untrusted("the response's state is missing or of another sign-in"));
        }
        if !response.is_from(self.provider.issuer.as_str(), endpoints) {
            return Err(untrusted("the response's iss (RFC 9207) is missing or another issuer"));
        }
        if let Some(error) = response.error {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let words: String = pairs.map(|(_, value)| value + " ").collect();
            let number = authorization::number(&words).unwrap_or_default();
            let error = sanitized_code(&error);
            let known = self.explain(&error, number);
            return Err(known.unwrap_or_else(|| {
                let todo = match error.as_str() {
                    "access_denied" => "the user declined, or may not use the web app; allow it",
                    _ => "look in the provider's log",
                };
                let seen = authorization::seen(&error, number);
                failed(Code::SignInRefused, &seen, todo)
            }));
        }
        let code = response.code.ok_or_else(|| untrusted("there is neither code nor error"))?;
        let iss = if response.iss.is_some() { "with" } else { "without" };
        Ok((code, format!("a code came back {iss} iss (RFC 9207)")))
    }

    fn token_endpoint_error(&self, error: &TokenEndpointError, code: Code, todo: &str) -> Finding {
        let known = match error {
            TokenEndpointError::Refused(refused) => {
                let number = refused.entra_code.as_deref().unwrap_or_default();
                let is_credential = refused.code == "invalid_client";
                self.explain(&refused.code, number)
                    .or_else(|| credential::judge(&refused.code, number).filter(|_| is_credential))
            }
            _ => None,
        };
        known.unwrap_or_else(|| failed(code, error, todo))
    }

    fn explain(&self, error: &str, number: &str) -> Option<Finding> {
        authorization::explain(error, number, "", &self.callback, self.environment)
    }

    async fn id_token(
        &self,
        transaction: &SignInTransaction,
        tokens: &Tokens,
    ) -> Result<(Map<String, Value>, String), Finding> {
        let expected = IdTokenExpectations {
            nonce: ExpectedNonce::SignIn(transaction.nonce()),
            max_age: None,
            acr_values: transaction.acr_values(),
            acr_claim: self.step_up.claim(),
            access_token: Some(tokens.access_token.as_str()),
        };
        let todo = "compare the claims with OIDC_CLIENT_ID, OIDC_ISSUER and OIDC_ALGORITHMS; for \
                    a stronger sign-in, configure SESSION_STEP_UP_ACR at the provider";
        let Some(id_token) = &tokens.id_token else {
            return Err(failed(Code::IdTokenRefused, "the response has no ID token", todo));
        };
        let claims = self.id_tokens.verify(id_token.as_str(), &expected).await;
        let claims =
            claims.map_err(|error| failed(Code::IdTokenRefused, &code_of(&error), todo))?;
        Ok((claims.into_inner().into_document(), token::facts(id_token.as_str())))
    }

    async fn access_token(&self, tokens: &Tokens) -> Check {
        if let Some(scopes) = self.environment.text("API_SESSION_SCOPES") {
            let reason = format!("sessions have {scopes} by API_SESSION_SCOPES");
            return Check::skipped(STEPS[2], &reason);
        }
        let token = tokens.access_token.as_str();
        if !token::is_jwt(token) {
            let api = self.environment.profile().console.api;
            let todo = format!("let the provider issue JWTs for the API; see `profile`: {api}");
            let finding = failed(Code::TokenMalformed, "the access token is opaque", &todo);
            return Check::of(STEPS[2], "", vec![finding]);
        }
        let http = self.outbound.http();
        let mut check = token::check(token, self.environment, &self.provider, http).await;
        check.name = STEPS[2];
        if let Outcome::Good(seen) = &mut check.outcome {
            *seen = format!("{seen}; {}", token::facts(token));
        }
        check
    }

    async fn refresh(
        &self,
        endpoints: &Endpoints,
        old: &Token,
        claims: &Map<String, Value>,
        refresh_tokens: &mut Vec<Token>,
    ) -> Check {
        let name = STEPS[3];
        let names_scopes = value(self.environment, "OIDC_REFRESH_SCOPES") == Some("requested");
        let scopes = names_scopes.then_some(self.scopes.as_str());
        let tokens = match self.token_endpoint.refresh(endpoints, old.as_str(), scopes, None).await
        {
            Ok(tokens) => tokens,
            Err(error) => {
                let todo = "set OIDC_REFRESH_SCOPES as the provider wants it, and allow refresh \
                            tokens for the web app";
                let finding = self.token_endpoint_error(&error, Code::RefreshRefused, todo);
                return Check::of(name, "", vec![finding]);
            }
        };
        refresh_tokens.extend(tokens.refresh_token.clone());
        if let Some(id_token) = &tokens.id_token {
            let expected = IdTokenExpectations {
                nonce: ExpectedNonce::Refresh(claims.get("nonce").and_then(Value::as_str)),
                access_token: Some(tokens.access_token.as_str()),
                ..IdTokenExpectations::default()
            };
            let refused = match self.id_tokens.verify(id_token.as_str(), &expected).await {
                Err(error) => Some(code_of(&error)),
                Ok(new) if claims.get("sub").and_then(Value::as_str) == Some(new.subject()) => None,
                Ok(_) => Some("it is about another user".to_owned()),
            };
            if let Some(seen) = refused {
                let todo = "a refreshed ID token must be as good as the first one";
                return Check::of(name, "", vec![failed(Code::IdTokenRefused, &seen, todo)]);
            }
        }
        let mut check = self.access_token(&tokens).await;
        check.name = name;
        if !matches!(check.outcome, Outcome::Found(_)) {
            let rotated = match &tokens.refresh_token {
                Some(new) if new != old => "replaced",
                Some(_) => "the same again",
                None => "none, so the old one stays good",
            };
            let id_token = if tokens.id_token.is_some() { "yes" } else { "no" };
            let seen = format!(
                "a new access token; expires_in: {}; refresh token: {rotated}; ID token: {id_token}",
                seconds(&tokens)
            );
            check.outcome = Outcome::Good(seen);
        }
        check
    }

    async fn sign_out(
        &self,
        browser: &mut Browser,
        endpoints: &Endpoints,
        id_token: Option<&Token>,
        claims: &Map<String, Value>,
    ) -> Check {
        let name = STEPS[5];
        let back = browser.url("/signedout");
        let request = EndSession {
            id_token_hint: id_token.map(Token::as_str),
            client_id: &self.client_id,
            logout_hint: claims.get("login_hint").and_then(Value::as_str),
            post_logout_redirect_uri: Some(&back),
            state: Some(&random_text(&SystemRandom)),
        };
        let Some(url) = request.url(self.sign_out, endpoints) else {
            return Check::skipped(
                name,
                "the provider has no sign-out; users stay signed in there",
            );
        };
        let console = &self.environment.profile().console;
        let todo = format!("as a redirect URI after sign-out: {}", console.client);
        let finding = browser.go(&url, "/signedout").await.err();
        let findings = finding.map(|TimeoutError| no_return(&back, &todo));
        Check::of(name, "the browser came back from the provider", findings.into_iter().collect())
    }
}

/// Adds the finding of a step that failed.
fn record<T>(checks: &mut Vec<Check>, outcome: Result<T, Finding>) -> Option<T> {
    outcome.map_err(|finding| checks.push(Check::of(STEPS[checks.len()], "", vec![finding]))).ok()
}

fn good(checks: &mut Vec<Check>, seen: &str) {
    checks.push(Check::of(STEPS[checks.len()], seen, Vec::new()));
}

/// Adds a check; `None` if it failed.
fn push(checks: &mut Vec<Check>, check: Check) -> Option<()> {
    let failed = check.has_error();
    checks.push(check);
    (!failed).then_some(())
}

fn failed(code: Code, seen: &(impl ToString + ?Sized), todo: &str) -> Finding {
    Finding::new(code, seen.to_string(), "a user's sign-in or session ends here", todo)
}

/// The fact that an ID token fails. What it says instead stays out of the report.
fn code_of(error: &VerifyError) -> String {
    match error {
        VerifyError::Refused(error) => format!("{} ({})", error.detail(), error.code()),
        VerifyError::Unavailable(error) => error.to_string(),
    }
}

fn no_return(to: &Url, todo: &str) -> Finding {
    let seen = format!("the browser did not come back to {to} in time");
    failed(Code::BrowserTimeout, &seen, &format!("register {to} at the provider; {todo}"))
}

fn no_refresh_token() -> Finding {
    let todo = "request offline_access (OIDC_BASE_SCOPES), or what the provider has instead, and \
                allow refresh tokens for the web app and the API";
    failed(Code::RefreshMissing, "the sign-in brought no refresh token", todo)
}

fn seconds(tokens: &Tokens) -> String {
    tokens.expires_in.map_or_else(|| "not said".to_owned(), |it| format!("{} s", it.as_secs()))
}
