//! Validates an authorization request before any page is shown.

use serde_json::Value;

use crate::{
    apps::App,
    authorization_request::{
        AuthorizationRequest, Prompt, RequestedStepUp, ResponseMode, ResponseTarget,
    },
    behavior::{RefreshTokens, StepUp},
    oauth_error::OAuthError,
    params::Params,
    provider::Provider,
    scopes::Scopes,
};

/// Why a request is refused, and who is told.
pub(crate) enum RequestError {
    /// The client is told, at its redirect URI.
    ToClient(ResponseTarget, OAuthError),
    /// Unknown client or unregistered redirect URI: only the user is told, and the browser is
    /// not redirected (RFC 6749, section 4.1.2.1).
    ToUser(OAuthError),
}

/// Validates the client and its redirect URI first; until both are valid, the client isn't told.
pub(crate) fn validate(
    idp: &Provider,
    params: &Params,
) -> Result<AuthorizationRequest, RequestError> {
    let (app, redirect_uri) = client(idp, params).map_err(RequestError::ToUser)?;
    let mode = params.once("response_mode");
    let target = ResponseTarget {
        redirect_uri: redirect_uri.to_owned(),
        response_mode: if mode == Some("form_post") {
            ResponseMode::FormPost
        } else {
            ResponseMode::Query
        },
        state: params.once("state").map(str::to_owned),
    };
    let request = match mode {
        None | Some("query" | "form_post") => read(idp, params, app, &target),
        _ => Err(OAuthError::malformed("response_mode must be 'query' or 'form_post'.")),
    };
    request.map_err(|error| RequestError::ToClient(target, error))
}

fn client<'a>(idp: &'a Provider, params: &'a Params) -> Result<(&'a App, &'a str), OAuthError> {
    let client_id = params.required("client_id")?;
    let app = idp.app(client_id).ok_or_else(|| OAuthError::unknown_client(client_id))?;
    let uri = params.required("redirect_uri")?;
    if !app.redirect_uris.iter().any(|registered| registered == uri) {
        return Err(OAuthError::invalid_request(
            50011,
            format!(
                "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application '{client_id}'."
            ),
        ));
    }
    Ok((app, uri))
}

fn read(
    idp: &Provider,
    params: &Params,
    app: &App,
    target: &ResponseTarget,
) -> Result<AuthorizationRequest, OAuthError> {
    params.unrepeated()?;
    for (name, error) in
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
    {
        if params.once(name).is_some() {
            return Err(OAuthError::new(error, 90023, format!("'{name}' is not supported.")));
        }
    }
    let response_type = params.required("response_type")?;
    if response_type != "code" {
        let message =
            format!("response_type '{response_type}' is not enabled for the application.");
        return Err(OAuthError::new("unsupported_response_type", 700_051, message));
    }
    let behavior = idp.behavior;
    let mut scopes = Scopes::parse(params.required("scope")?, &idp.api, behavior)?;
    if behavior.api_needs_audience && !has_audience(idp, params)? {
        scopes.api.clear();
    }
    let prompts = prompts(params.once("prompt"))?;
    let refresh_token = match behavior.refresh_tokens {
        RefreshTokens::OfflineAccess => scopes.offline_access,
        RefreshTokens::Always => true,
        RefreshTokens::AccessType => {
            params.once("access_type") == Some("offline") && prompts.contains(&Prompt::Consent)
        }
    };
    Ok(AuthorizationRequest {
        client_id: app.client_id,
        target: target.clone(),
        nonce: params.once("nonce").map(str::to_owned),
        scopes,
        challenge: challenge(params)?,
        prompts,
        login_hint: params.once("login_hint").map(str::to_owned),
        max_age: max_age(params.once("max_age"))?,
        step_up: step_up(behavior.step_up, params)?,
        refresh_token,
        hinted_oid: params.once("id_token_hint").and_then(|hint| idp.oid_of_hint(hint)),
    })
}

/// Whether the request is for the API. An unknown `audience` is refused.
fn has_audience(idp: &Provider, params: &Params) -> Result<bool, OAuthError> {
    match params.once("audience") {
        None => Ok(false),
        audience if audience == idp.api.audience() => Ok(true),
        Some(audience) => {
            let message = format!("Service not found: {audience}");
            Err(OAuthError::new("access_denied", 500_011, message))
        }
    }
}

fn step_up(kind: StepUp, params: &Params) -> Result<RequestedStepUp, OAuthError> {
    match kind {
        StepUp::AcrValues { password, second_factor, .. } => {
            let mut values = words(params.once("acr_values")).peekable();
            Ok(RequestedStepUp {
                is_asked: values.peek().is_some(),
                // The first known value counts; unknown ones are ignored, as the parameter is
                // voluntary.
                second_factor: values.find(|it| [password, second_factor].contains(it))
                    == Some(second_factor),
                contexts: Vec::new(),
            })
        }
        StepUp::AuthenticationContexts => {
            let contexts = params.once("claims").map(contexts).transpose()?.unwrap_or_default();
            let is_asked = !contexts.is_empty();
            Ok(RequestedStepUp { is_asked, second_factor: is_asked, contexts })
        }
        StepUp::None => Ok(RequestedStepUp::default()),
    }
}

/// The authentication contexts in a `claims` parameter, of which `c1` to `c99` exist and ask for a
/// second factor.
fn contexts(claims: &str) -> Result<Vec<String>, OAuthError> {
    let claims: Value = serde_json::from_str(claims)
        .map_err(|_| OAuthError::malformed("claims must be a JSON object."))?;
    let acrs = &claims["id_token"]["acrs"];
    let several = acrs["values"].as_array().into_iter().flatten();
    let exists = |name: &&str| {
        let number = name.strip_prefix('c').and_then(|it| it.parse::<u8>().ok());
        number.is_some_and(|number| (1..=99).contains(&number))
    };
    let names = several.chain([&acrs["value"]]).filter_map(Value::as_str).filter(exists);
    Ok(names.map(str::to_owned).collect())
}

fn challenge(params: &Params) -> Result<String, OAuthError> {
    let error = |message: &str| OAuthError::invalid_request(9_002_325, message);
    let challenge = params
        .once("code_challenge")
        .ok_or_else(|| error("Proof Key for Code Exchange is required."))?;
    if params.once("code_challenge_method") != Some("S256") {
        return Err(error("code_challenge_method must be 'S256'."));
    }
    let valid = challenge.len() == 43
        && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !valid {
        let message = "Invalid size of Code_Challenge parameter.";
        return Err(OAuthError::invalid_request(501_491, message));
    }
    Ok(challenge.to_owned())
}

fn prompts(text: Option<&str>) -> Result<Vec<Prompt>, OAuthError> {
    let prompt = |word: &str| match word {
        "none" => Ok(Prompt::None),
        "login" => Ok(Prompt::Login),
        "select_account" => Ok(Prompt::SelectAccount),
        "consent" => Ok(Prompt::Consent),
        "create" => Ok(Prompt::Create),
        _ => {
            let message = format!("Unsupported 'prompt' value '{word}'.");
            Err(OAuthError::invalid_request(90023, message))
        }
    };
    let prompts = words(text).map(prompt).collect::<Result<Vec<_>, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        let message = "'prompt=none' cannot be combined with other values.";
        return Err(OAuthError::invalid_request(90023, message));
    }
    Ok(prompts)
}

fn words(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(' ').filter(|word| !word.is_empty())
}

fn max_age(text: Option<&str>) -> Result<Option<u64>, OAuthError> {
    text.map(|text| {
        text.parse().map_err(|_| OAuthError::malformed("max_age must be a number of seconds."))
    })
    .transpose()
}
