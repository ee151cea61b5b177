//! The providers whose behavior is known. Each has a file, which names the source of every quirk.

mod auth0;
mod cognito;
mod entra;
mod google;
mod keycloak;
mod okta;

use crate::behavior::{Behavior, FrontChannel, Paths, SignOut, StepUp, UnknownScopes};

/// Everything that the specifications offer and an application may have to deal with, on top of
/// Entra's addresses, tokens and errors.
const GENERIC: Behavior = Behavior {
    like: "generic",
    paths: Paths {
        par: Some("/oauth2/v2.0/par"),
        revocation: Some("/oauth2/v2.0/revoke"),
        ..entra::EXTERNAL_ID.paths
    },
    unknown_scopes: UnknownScopes::Refused,
    own_api_needs_scope: false,
    step_up: StepUp::AcrValues { password: "pwd", second_factor: "mfa", always: false },
    sign_out: SignOut::EndSession,
    front_channel: FrontChannel::IssAndSid,
    back_channel: true,
    ..entra::EXTERNAL_ID
};

static ALL: [Behavior; 8] = [
    entra::EXTERNAL_ID,
    entra::WORKFORCE,
    cognito::COGNITO,
    auth0::AUTH0,
    okta::OKTA,
    keycloak::KEYCLOAK,
    google::GOOGLE,
    GENERIC,
];

/// How the provider of this profile behaves.
pub(crate) fn behavior(profile: &settings::Profile) -> &'static Behavior {
    let known = ALL.iter().find(|behavior| behavior.like == profile.name);
    known.expect("a test checks that every profile has a behavior")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_has_a_behavior() {
        assert!(ALL.iter().map(|it| it.like).eq(settings::PROFILES.map(|it| it.name)));
    }

    /// The profiles tell the functions what to expect of these behaviors.
    #[test]
    fn behaviors_fit_the_settings_of_their_profiles() {
        for profile in settings::PROFILES {
            let it = behavior(profile);
            let step_up = match it.step_up {
                StepUp::AcrValues { .. } => "acr_values",
                StepUp::AuthenticationContexts => "acrs",
                StepUp::None => "none",
            };
            let front_channel = match it.front_channel {
                FrontChannel::IssAndSid => Some("iss_sid"),
                FrontChannel::Sid => Some("sid"),
                // Not all clients of such a provider are registered so.
                FrontChannel::None => profile.value("OIDC_FRONTCHANNEL_LOGOUT"),
            };
            let sign_out = match (it.paths.logout, it.sign_out) {
                (None, _) => "none",
                (_, SignOut::LogoutUri) => "cognito",
                (_, SignOut::EndSession | SignOut::IdTokenHint) => "end_session",
            };
            for (setting, value) in [
                ("OIDC_STEP_UP", Some(step_up)),
                ("OIDC_FRONTCHANNEL_LOGOUT", front_channel),
                ("OIDC_SIGN_OUT", Some(sign_out)),
            ] {
                assert_eq!(profile.value(setting), value, "{}: {setting}", profile.name);
            }
            let scopes = profile.value("OIDC_BASE_SCOPES").unwrap_or_default();
            assert!(it.offline_access || !scopes.contains("offline_access"), "{}", profile.name);
        }
    }
}
