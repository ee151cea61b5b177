//! What differs between a registration and what it should be: the changes to send, and words.

mod entitlement;
mod sorted;

use std::collections::BTreeSet;

use entitlement::disabled_first;
use sorted::Sorted;

use crate::graph::{AppRole, OptionalClaims, RequiredResourceAccess, Scope, Settings};

/// The settings to send, in order, and what they change.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Difference {
    pub(crate) patches: Vec<Settings>,
    pub(crate) words: Vec<String>,
}

impl Difference {
    /// From how it is to how it should be; only what differs is sent.
    pub(crate) fn between(now: &Settings, wanted: &Settings) -> Self {
        let mut words = Vec::new();
        let patch = Settings {
            sign_in_audience: changed(
                now.sign_in_audience.as_ref(),
                wanted.sign_in_audience.as_ref(),
                |_, new| {
                    words.push(format!("accounts of this tenant alone ({new})"));
                },
            ),
            identifier_uris: changed(
                now.identifier_uris.as_ref(),
                wanted.identifier_uris.as_ref(),
                |old, new| {
                    lists(&mut words, "identifier URI", old.map_or(&[], Vec::as_slice), new);
                },
            ),
            api: changed(now.api.as_ref(), wanted.api.as_ref(), |old, new| {
                let old = old.cloned().unwrap_or_default();
                if old.requested_access_token_version != new.requested_access_token_version {
                    words.push("access tokens of version 2".to_owned());
                }
                let names = |it: &[Scope]| it.iter().map(scope_words).collect::<Vec<_>>();
                let (old, new) = (&old.oauth2_permission_scopes, &new.oauth2_permission_scopes);
                lists(&mut words, "scope", &names(old), &names(new));
            }),
            app_roles: changed(now.app_roles.as_ref(), wanted.app_roles.as_ref(), |old, new| {
                let names = |it: &[AppRole]| it.iter().map(role_words).collect::<Vec<_>>();
                lists(&mut words, "app role", &names(old.map_or(&[], Vec::as_slice)), &names(new));
            }),
            optional_claims: changed(
                now.optional_claims.as_ref(),
                wanted.optional_claims.as_ref(),
                |old, new| {
                    let old = old.map(claim_names).unwrap_or_default();
                    lists(&mut words, "optional claim", &old, &claim_names(new));
                },
            ),
            required_resource_access: changed(
                now.required_resource_access.as_ref(),
                wanted.required_resource_access.as_ref(),
                |old, new| {
                    let before = old.map_or(0, |it| permissions(it));
                    words.push(format!("asks for {} more permissions", permissions(new) - before));
                },
            ),
            web: changed(now.web.as_ref(), wanted.web.as_ref(), |old, new| {
                let old = old.cloned().unwrap_or_default();
                lists(&mut words, "redirect URI", &old.redirect_uris, &new.redirect_uris);
                if old.logout_url != new.logout_url {
                    let address = new.logout_url.as_deref().unwrap_or("none");
                    words.push(format!("front-channel logout {address}"));
                }
                if old.implicit_grant_settings != new.implicit_grant_settings {
                    words.push("no tokens from the authorization endpoint".to_owned());
                }
            }),
        };
        if patch == Settings::default() {
            return Self::default();
        }
        let patches = disabled_first(now, &patch).into_iter().chain([patch]).collect();
        Self { patches, words }
    }
}

/// The wanted value, where it says something else than the one that is there.
fn changed<T: Clone + PartialEq + Sorted>(
    now: Option<&T>,
    wanted: Option<&T>,
    say: impl FnOnce(Option<&T>, &T),
) -> Option<T> {
    let new = wanted?;
    if now.map(Sorted::sorted).as_ref() == Some(&new.sorted()) {
        return None;
    }
    say(now, new);
    Some(new.clone())
}

fn lists(words: &mut Vec<String>, noun: &str, old: &[String], new: &[String]) {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
    words.extend(new.difference(&old).map(|it| format!("{noun} {it}")));
    words.extend(old.difference(&new).map(|it| format!("no longer {noun} {it}")));
}

fn scope_words(scope: &Scope) -> String {
    let value = scope.value.as_deref().unwrap_or_default();
    if scope.is_enabled { value.to_owned() } else { format!("{value} (disabled)") }
}

fn role_words(role: &AppRole) -> String {
    let value = role.value.as_deref().unwrap_or_default();
    let disabled = if role.is_enabled { "" } else { ", disabled" };
    format!("{value} (for {}{disabled})", role.allowed_member_types.join(" and "))
}

fn claim_names(claims: &OptionalClaims) -> Vec<String> {
    let lists = [&claims.access_token, &claims.id_token, &claims.saml2_token];
    lists.into_iter().flatten().flatten().map(|claim| claim.name.clone()).collect()
}

fn permissions(all: &[RequiredResourceAccess]) -> usize {
    all.iter().map(|it| it.resource_access.len()).sum()
}
