use crate::graph::{Api, AppRole, OptionalClaims, RequiredResourceAccess, Web};

/// Graph keeps sets, in an order of its own: where only that differs, nothing does.
pub(super) trait Sorted: Sized {
    fn sorted(&self) -> Self;
}

impl Sorted for String {
    fn sorted(&self) -> Self {
        self.clone()
    }
}

impl Sorted for Vec<String> {
    fn sorted(&self) -> Self {
        let mut all = self.clone();
        all.sort();
        all
    }
}

impl Sorted for Vec<AppRole> {
    fn sorted(&self) -> Self {
        let mut all = self.clone();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

impl Sorted for Vec<RequiredResourceAccess> {
    fn sorted(&self) -> Self {
        let mut all = self.clone();
        all.sort_by(|a, b| a.resource_app_id.cmp(&b.resource_app_id));
        for resource in &mut all {
            resource.resource_access.sort_by(|a, b| a.id.cmp(&b.id));
        }
        all
    }
}

impl Sorted for OptionalClaims {
    fn sorted(&self) -> Self {
        let mut all = self.clone();
        for list in [&mut all.access_token, &mut all.id_token, &mut all.saml2_token] {
            let list = list.get_or_insert_default();
            list.sort_by(|a, b| a.name.cmp(&b.name));
        }
        all
    }
}

impl Sorted for Api {
    fn sorted(&self) -> Self {
        let mut all = self.clone();
        all.oauth2_permission_scopes.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

impl Sorted for Web {
    fn sorted(&self) -> Self {
        Self { redirect_uris: self.redirect_uris.sorted(), ..self.clone() }
    }
}
