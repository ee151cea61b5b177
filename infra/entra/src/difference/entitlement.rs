use std::mem;

use crate::graph::{AppRole, Scope, Settings};

/// A patch to send before the one that counts, when that changes what a permission means or takes
/// one away: Graph refuses both while the permission is enabled
/// (`CannotDeleteOrUpdateEnabledEntitlement`). What it is called in the admin center doesn't matter.
pub(super) fn disabled_first(now: &Settings, patch: &Settings) -> Option<Settings> {
    let mut first = Settings::default();
    if let (Some(old), Some(new)) = (&now.api, &patch.api) {
        let mut api = old.clone();
        let same = |a: &Scope, b: &Scope| (&a.id, &a.value) == (&b.id, &b.value);
        let stays = |old: &Scope| new.oauth2_permission_scopes.iter().any(|it| same(it, old));
        let scopes = &mut api.oauth2_permission_scopes;
        first.api = disable(scopes, stays, |scope| &mut scope.is_enabled).then_some(api);
    }
    if let (Some(old), Some(new)) = (&now.app_roles, &patch.app_roles) {
        let mut roles = old.clone();
        let same = |a: &AppRole, b: &AppRole| {
            (&a.id, &a.value, &a.allowed_member_types) == (&b.id, &b.value, &b.allowed_member_types)
        };
        let stays = |old: &AppRole| new.iter().any(|it| same(it, old));
        first.app_roles = disable(&mut roles, stays, |role| &mut role.is_enabled).then_some(roles);
    }
    (first != Settings::default()).then_some(first)
}

/// Disables those that will not stay as they are. Returns whether one was enabled.
fn disable<T>(
    all: &mut [T],
    stays: impl Fn(&T) -> bool,
    is_enabled: impl Fn(&mut T) -> &mut bool,
) -> bool {
    let changed = all.iter_mut().filter(|one| !stays(one));
    changed.map(|one| mem::take(is_enabled(one))).filter(|was_enabled| *was_enabled).count() > 0
}
