use crate::graph::{Entitlement, Settings};

/// A patch to send before the one that counts, when that changes what a permission means or takes
/// one away: Graph refuses both while the permission is enabled
/// (`CannotDeleteOrUpdateEnabledEntitlement`).
pub(super) fn disabled_first(now: &Settings, patch: &Settings) -> Option<Settings> {
    let mut first = Settings::default();
    if let (Some(old), Some(new)) = (&now.api, &patch.api) {
        let mut api = old.clone();
        let changes = disable(&mut api.oauth2_permission_scopes, &new.oauth2_permission_scopes);
        first.api = changes.then_some(api);
    }
    if let (Some(old), Some(new)) = (&now.app_roles, &patch.app_roles) {
        let mut roles = old.clone();
        first.app_roles = disable(&mut roles, new).then_some(roles);
    }
    (first != Settings::default()).then_some(first)
}

/// Disables those that will not stay as they are. Says whether there was one.
fn disable<T: Entitlement>(old: &mut [T], new: &[T]) -> bool {
    let mut any = false;
    for entitlement in old {
        if *entitlement.is_enabled() && !new.iter().any(|it| it.means_the_same(entitlement)) {
            *entitlement.is_enabled() = false;
            any = true;
        }
    }
    any
}
