use auth::ProviderConfig;
use outbound::Outbound;
use settings::Environment;
use url::Url;

use crate::{
    Browser, Check, Input, InputError,
    checks::{
        authorization, clock, credential, deployment, discovery, keys, profile, routes,
        settings as own, token,
    },
    sign_in,
};

/// Makes every check that the input allows, in their order. A browser is for a real sign-in.
///
/// # Errors
/// When `SSL_CERT_FILE` is unusable.
pub async fn run(input: &Input, browser: Option<Browser>) -> Result<Vec<Check>, InputError> {
    let environment = input.environment();
    // The roots are those of this machine, unless the settings name others.
    let certificates = [&environment, &Environment::process()]
        .into_iter()
        .find_map(|from| Some(("SSL_CERT_FILE", from.text("SSL_CERT_FILE")?.to_owned())));
    let outbound = Outbound::from_environment(&Environment::of(certificates))?;
    let http = outbound.http().clone();
    let mut checks = vec![match &input.settings {
        Some(pairs) => own::check(pairs),
        None => Check::skipped(own::NAME, "no settings were given, only an address"),
    }];
    checks.extend(input.settings.as_ref().map(|_| routes::check(&environment)));
    let provider = match (&input.settings, &input.url) {
        (None, Some(url)) => {
            let issuer = deployment::issuer(url, &http).await;
            let known = issuer.map(|issuer| ("OIDC_ISSUER".to_owned(), issuer));
            settings::provider_config(&Environment::of(known))
        }
        _ => settings::provider_config(&environment),
    };
    if let Ok(provider) = provider {
        let public = browser.as_ref().map(Browser::origin).or(input.url.as_ref());
        checks.extend(of_provider(input, &environment, &provider, public, &http).await);
    } else {
        let reason = match &input.settings {
            Some(_) => "the issuer is not known: OIDC_ISSUER is missing or wrong",
            None => "the issuer is not known: the address names none that can be used",
        };
        let names = [
            discovery::NAME,
            profile::NAME,
            keys::NAME,
            clock::NAME,
            authorization::NAME,
            token::NAME,
            credential::NAME,
        ];
        checks.extend(names.map(|name| Check::skipped(name, reason)));
    }
    checks.push(match &input.url {
        Some(url) => deployment::check(url, &environment, input.has_todos, &http).await,
        None => Check::skipped(deployment::NAME, "no --url was given"),
    });
    if let Some(browser) = browser {
        let needed = [discovery::NAME, authorization::NAME];
        let wrong = checks.iter().find(|it| needed.contains(&it.name) && it.has_error());
        checks.extend(match wrong.map(|check| format!("{} failed", check.name)) {
            Some(reason) => sign_in::STEPS.map(|name| Check::skipped(name, &reason)).into(),
            None => sign_in::check(&environment, &outbound, browser).await,
        });
    }
    Ok(checks)
}

async fn of_provider(
    input: &Input,
    environment: &Environment,
    provider: &ProviderConfig,
    public: Option<&Url>,
    http: &reqwest::Client,
) -> Vec<Check> {
    let (discovered, check) = discovery::check(provider, http).await;
    let mut checks = vec![check];
    let unknown = "there is no discovery document";
    match &discovered {
        Some(document) => {
            checks.push(match &input.settings {
                Some(_) => profile::check(document, environment),
                None => Check::skipped(profile::NAME, "no settings say what is asked of it"),
            });
            checks.push(keys::check(document, provider, http).await);
            checks.push(clock::check(provider, input.url.as_ref(), http).await);
            checks.push(authorization::check(document, environment, public, http).await);
        }
        None => checks.extend(
            [profile::NAME, keys::NAME, clock::NAME, authorization::NAME]
                .map(|name| Check::skipped(name, unknown)),
        ),
    }
    checks.push(match &input.token {
        Some(_) if input.settings.is_none() => {
            Check::skipped(token::NAME, "no settings say for which API it is to be")
        }
        Some(said) => token::check(said, environment, provider, http).await,
        None => Check::skipped(token::NAME, "no --token - or --token-file was given"),
    });
    checks.push(match (&discovered, input.try_credential) {
        (_, false) => Check::skipped(credential::NAME, "--try-credential was not given"),
        (None, true) => Check::skipped(credential::NAME, unknown),
        (Some(document), true) => credential::check(document, environment, http).await,
    });
    checks
}
