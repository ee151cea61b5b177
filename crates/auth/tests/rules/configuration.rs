//! Configurations by which nobody, or everybody, would come in.

use std::{sync::Arc, time::Duration};

use oidc_resource_server::{
    AccessTokenRules, Algorithm, ConfigError, IdTokenVerifier, Issuer, LogoutTokenVerifier, Policy,
    Provider, ProviderConfig, Resource, Scope, Verifier,
};

use crate::harness::{API, CLIENT, Harness, ISSUER, TENANT};

fn provider(change: impl FnOnce(&mut ProviderConfig)) -> Provider {
    let harness = Harness::new();
    let mut config = ProviderConfig::new(ISSUER.parse().unwrap());
    config.algorithms = Algorithm::ALL.to_vec();
    change(&mut config);
    Provider::new(config, harness.script.clone(), Arc::new(harness.clock.clone()))
}

/// What each of the verifiers says to this provider.
fn faults(change: impl FnOnce(&mut ProviderConfig)) -> Vec<Option<ConfigError>> {
    let provider = provider(change);
    vec![
        Verifier::new(provider.clone(), AccessTokenRules::new([API])).err(),
        IdTokenVerifier::new(provider.clone(), CLIENT).err(),
        LogoutTokenVerifier::new(provider, CLIENT).err(),
    ]
}

#[test]
fn no_leeway_makes_tokens_immortal() {
    let hour = Duration::from_hours(1);
    assert_eq!(faults(|config| config.leeway = hour), [const { None }; 3]);
    let longer = hour + Duration::from_secs(1);
    for fault in faults(|config| config.leeway = longer) {
        assert_eq!(fault, Some(ConfigError::Leeway(longer)));
    }
}

#[test]
fn a_list_of_no_algorithms_does_not_start() {
    for fault in faults(|config| config.algorithms.clear()) {
        assert_eq!(fault, Some(ConfigError::NoAlgorithms));
    }
}

#[test]
fn metadata_over_plain_http_does_not_start() {
    let url = "http://login.example.com/.well-known/openid-configuration";
    for fault in faults(|config| config.metadata_url = Some(url.parse().unwrap())) {
        assert_eq!(fault, Some(ConfigError::MetadataUrl(url.to_owned())));
    }
}

#[test]
fn a_second_issuer_is_looked_at_too() {
    let first = Verifier::new(provider(|_| ()), AccessTokenRules::new([API])).unwrap();
    let second = provider(|config| {
        config.issuer = "https://second.example".parse().unwrap();
        config.algorithms.clear();
    });
    let both = first.and(second, AccessTokenRules::new([API]));
    assert_eq!(both.err(), Some(ConfigError::NoAlgorithms));
}

#[test]
fn rules_with_an_empty_name_do_not_start() {
    type Change = fn(&mut AccessTokenRules);
    let cases: [(Change, ConfigError); 14] = [
        (|rules| rules.audiences.clear(), ConfigError::Audience),
        (|rules| rules.audiences.push(String::new()), ConfigError::Audience),
        (|rules| rules.audiences.push(" api".into()), ConfigError::Audience),
        (|rules| rules.audiences.push("a b".into()), ConfigError::Audience),
        (|rules| rules.allowed_clients.push(String::new()), ConfigError::AllowedClient),
        (|rules| rules.scope_claims.clear(), ConfigError::ScopeClaim),
        (|rules| rules.scope_claims.push(String::new()), ConfigError::ScopeClaim),
        (|rules| rules.role_claims.clear(), ConfigError::RoleClaim),
        (|rules| rules.role_claims.push(String::new()), ConfigError::RoleClaim),
        (|rules| rules.client_claims.clear(), ConfigError::ClientClaim),
        (|rules| rules.client_claims.push(String::new()), ConfigError::ClientClaim),
        (|rules| rules.owner_claims.clear(), ConfigError::OwnerClaim),
        (|rules| rules.owner_claims.push(String::new()), ConfigError::OwnerClaim),
        (|rules| rules.application_claims.push(String::new()), ConfigError::ApplicationClaim),
    ];
    for (change, expected) in cases {
        let mut rules = AccessTokenRules::new([API]);
        change(&mut rules);
        assert_eq!(Verifier::new(provider(|_| ()), rules).err(), Some(expected));
    }
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let said = |error: ConfigError| error.to_string();
    assert!(said(Scope::parse("").unwrap_err()).contains("a setting may be missing"));
    assert!(said(Policy::users_only(vec![]).unwrap_err()).contains("Policy::apps_only"));
    assert!(said(Policy::apps_only(vec![]).unwrap_err()).contains("Policy::users_only"));
    for (issuer, hint) in [
        ("login.example.com", "begins with https://"),
        ("https://login.microsoftonline.com/common/v2.0", "ProviderConfig::for_tenants"),
        ("https://a.example/.well-known/openid-configuration", "give the `issuer`"),
    ] {
        let error = said(issuer.parse::<Issuer>().unwrap_err());
        assert!(error.contains(hint), "{error}");
    }
}

#[test]
fn an_error_does_not_repeat_a_user_or_password() {
    let check = |error: ConfigError| {
        let said = format!("{error} {error:?}");
        assert!(said.contains("…@login.example.com"), "{said}");
        assert!(!said.contains("kim") && !said.contains("cr3t"), "{said}");
    };
    for address in [
        "https://kim:s3cr3t@login.example.com",
        "http://kim:s3cr3t@login.example.com",
        "HTTPS://kim:s3/cr3t@login.example.com",
        "https://kim:s3@cr3t@login.example.com",
        "kim:s3cr3t://x@login.example.com",
        "kim:s3cr3t@login.example.com/.well-known/openid-configuration",
        "https://kim:s3cr3t@login.example.com/common/v2.0",
        "https://kim:s3cr3t@login.example.com/{tenantid}/v2.0",
    ] {
        check(address.parse::<Issuer>().unwrap_err());
        check(address.parse::<Resource>().unwrap_err());
        check(ProviderConfig::for_tenants(address, [TENANT]).unwrap_err());
    }
    let url = "http://kim:s3cr3t@login.example.com/metadata";
    for fault in faults(|config| config.metadata_url = Some(url.parse().unwrap())) {
        check(fault.unwrap());
    }
}

#[test]
fn metadata_at_another_https_address_is_fine() {
    let url = "https://login.example.com/metadata".parse().unwrap();
    assert_eq!(faults(|config| config.metadata_url = Some(url)), [const { None }; 3]);
}

#[tokio::test]
async fn a_slash_too_many_is_named_when_the_provider_answers() {
    let harness = Harness::new();
    harness.script.set_metadata(
        serde_json::json!({"issuer": format!("{ISSUER}/"), "jwks_uri": "https://a.example"}),
    );
    let said = harness.provider.warm().await.unwrap_err().to_string();
    assert!(said.contains("differ by the slash") && said.contains(ISSUER), "{said}");
    harness.clock.forward(60);
    harness.script.set_metadata(
        serde_json::json!({"issuer": "https://b.example", "jwks_uri": "https://a.example"}),
    );
    let said = harness.provider.warm().await.unwrap_err().to_string();
    assert!(!said.contains("slash"), "{said}");
}
