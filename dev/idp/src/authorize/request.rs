//! An authorization request, judged whole before anything is shown.

use crate::{apps::App, fault::Fault, params::Params, provider::Idp, scopes::Scopes};

/// How the answer travels back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    FormPost,
}

/// What the client wants asked of the user (OpenID Connect Core, section 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    None,
    Login,
    SelectAccount,
    Consent,
    Create,
}

/// A request that is good in itself, of a registered client, for a registered address.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: &'static str,
    pub(crate) redirect_uri: String,
    pub(crate) response_mode: ResponseMode,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: Scopes,
    /// The S256 challenge (RFC 7636).
    pub(crate) challenge: String,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) login_hint: Option<String>,
    /// Seconds since the last password.
    pub(crate) max_age: Option<u64>,
    /// How strongly the user should sign in, the best first.
    pub(crate) acr_values: Vec<String>,
    /// The user an `id_token_hint` of ours names.
    pub(crate) hinted_oid: Option<String>,
}

impl AuthorizationRequest {
    pub(crate) fn asks(&self, prompt: Prompt) -> bool {
        self.prompts.contains(&prompt)
    }

    /// Where its answer goes.
    pub(crate) fn return_address(&self) -> ReturnAddress {
        ReturnAddress {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
        }
    }
}

/// Enough of a request to answer it with an error.
#[derive(Debug)]
pub(crate) struct ReturnAddress {
    pub(crate) redirect_uri: String,
    pub(crate) response_mode: ResponseMode,
    pub(crate) state: Option<String>,
}

/// What a request turned out to be.
pub(crate) enum Judged {
    Good(Box<AuthorizationRequest>),
    /// The client is told.
    Refused(Refused),
    /// No client of ours, or no address of its own: only the person at the browser is
    /// told, and nobody is redirected anywhere (RFC 6749, section 4.1.2.1).
    NotOurs(Fault),
}

/// A fault of a request whose return address is good.
pub(crate) struct Refused {
    pub(crate) request: ReturnAddress,
    pub(crate) fault: Fault,
}

/// Judges the client and its address first; until both are right, errors go nowhere.
pub(crate) fn judge(idp: &Idp, params: &Params) -> Judged {
    let (app, redirect_uri) = match client(idp, params) {
        Ok(found) => found,
        Err(fault) => return Judged::NotOurs(fault),
    };
    let (response_mode, mode_fault) = match params.once("response_mode") {
        None | Some("query") => (ResponseMode::Query, None),
        Some("form_post") => (ResponseMode::FormPost, None),
        Some(_) => (ResponseMode::Query, Some("response_mode must be 'query' or 'form_post'.")),
    };
    let request = ReturnAddress {
        redirect_uri: redirect_uri.to_owned(),
        response_mode,
        state: params.once("state").map(str::to_owned),
    };
    let judged = match mode_fault {
        Some(fault) => Err(Fault::malformed(fault)),
        None => read(idp, params, app, &request),
    };
    match judged {
        Ok(request) => Judged::Good(Box::new(request)),
        Err(fault) => Judged::Refused(Refused { request, fault }),
    }
}

fn client<'a>(idp: &'a Idp, params: &'a Params) -> Result<(&'a App, &'a str), Fault> {
    let client_id = params.once("client_id").ok_or_else(|| Fault::missing("client_id"))?;
    let app = idp.apps().find(client_id).ok_or_else(|| {
        Fault::new(
            "unauthorized_client",
            700_016,
            format!("Application with identifier '{client_id}' was not found in the directory."),
        )
    })?;
    let uri = params.once("redirect_uri").ok_or_else(|| Fault::missing("redirect_uri"))?;
    if !app.redirect_uris.iter().any(|registered| registered == uri) {
        return Err(Fault::new(
            "invalid_request",
            50011,
            format!(
                "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application '{client_id}'."
            ),
        ));
    }
    Ok((app, uri))
}

fn read(
    idp: &Idp,
    params: &Params,
    app: &App,
    to: &ReturnAddress,
) -> Result<AuthorizationRequest, Fault> {
    if let Some(name) = params.repeated() {
        return Err(Fault::malformed(format!("The parameter '{name}' is duplicated.")));
    }
    refuse_request_objects(params)?;
    match params.once("response_type") {
        None => return Err(Fault::missing("response_type")),
        Some("code") => {}
        Some(other) => {
            return Err(Fault::new(
                "unsupported_response_type",
                700_051,
                format!("response_type '{other}' is not enabled for the application."),
            ));
        }
    }
    let hint = params.once("id_token_hint");
    Ok(AuthorizationRequest {
        client_id: app.client_id,
        redirect_uri: to.redirect_uri.clone(),
        response_mode: to.response_mode,
        state: to.state.clone(),
        nonce: params.once("nonce").map(str::to_owned),
        scopes: Scopes::parse(params.once("scope").ok_or_else(|| Fault::missing("scope"))?)?,
        challenge: challenge(params)?,
        prompts: prompts(params.once("prompt"))?,
        login_hint: params.once("login_hint").map(str::to_owned),
        max_age: max_age(params.once("max_age"))?,
        acr_values: words(params.once("acr_values")).map(str::to_owned).collect(),
        hinted_oid: hint.and_then(|hint| {
            idp.keys().claims_of_own_token(hint)?.get("oid")?.as_str().map(str::to_owned)
        }),
    })
}

fn refuse_request_objects(params: &Params) -> Result<(), Fault> {
    for (name, error) in
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
    {
        if params.once(name).is_some() {
            return Err(Fault::new(error, 90023, format!("'{name}' is not supported.")));
        }
    }
    Ok(())
}

fn challenge(params: &Params) -> Result<String, Fault> {
    let fault = |message: &str| Err(Fault::new("invalid_request", 9_002_325, message));
    let Some(challenge) = params.once("code_challenge") else {
        return fault("Proof Key for Code Exchange is required.");
    };
    if params.once("code_challenge_method") != Some("S256") {
        return fault("code_challenge_method must be 'S256'.");
    }
    let fits = challenge.len() == 43
        && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !fits {
        return Err(Fault::new(
            "invalid_request",
            501_491,
            "Invalid size of Code_Challenge parameter.",
        ));
    }
    Ok(challenge.to_owned())
}

fn prompts(text: Option<&str>) -> Result<Vec<Prompt>, Fault> {
    let mut prompts = Vec::new();
    for word in words(text) {
        prompts.push(match word {
            "none" => Prompt::None,
            "login" => Prompt::Login,
            "select_account" => Prompt::SelectAccount,
            "consent" => Prompt::Consent,
            "create" => Prompt::Create,
            _ => {
                return Err(Fault::new(
                    "invalid_request",
                    90023,
                    format!("Unsupported 'prompt' value '{word}'."),
                ));
            }
        });
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(Fault::new(
            "invalid_request",
            90023,
            "'prompt=none' cannot be combined with other values.",
        ));
    }
    Ok(prompts)
}

fn words(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(' ').filter(|word| !word.is_empty())
}

fn max_age(text: Option<&str>) -> Result<Option<u64>, Fault> {
    text.map(|text| {
        text.parse().map_err(|_| Fault::malformed("max_age must be a number of seconds."))
    })
    .transpose()
}
