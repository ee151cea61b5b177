/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It works, with less safety or by chance.
    Warning,
    /// It does not work, or is not safe.
    Error,
}

macro_rules! codes {
    ($($variant:ident $text:literal $severity:ident $summary:literal;)*) => {
        /// The stable name of a kind of finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $(#[doc = $summary] $variant,)* }

        impl Code {
            /// All of them, in the order of the checks.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    SettingInvalid "setting-invalid" Error "A function would not start with this setting.";
    SettingPlaceholder "setting-placeholder" Error "A placeholder of the documentation was left.";
    SecretTwice "secret-twice" Error "A secret is set inline and by ARN.";
    ScopesOfTwoApis "scopes-of-two-apis" Error "One request asks for the scopes of two APIs.";
    AudienceIsUri "audience-is-uri" Error "The audience is `api://…` where the client id is meant.";
    SettingMisspelt "setting-misspelt" Warning "An unknown variable looks like a setting.";
    RouteOpen "route-open" Warning "Anyone may send more than GET to a route.";
    RouteScopeUnrequested "route-scope-unrequested" Warning "No session has a scope of the policy.";
    ProviderUnknownHost "provider-unknown-host" Error "The provider's name does not resolve.";
    ProviderTls "provider-tls" Error "No TLS with the provider.";
    ProviderUnreachable "provider-unreachable" Error "The provider does not answer.";
    DiscoveryStatus "discovery-status" Error "The discovery document is not there.";
    DiscoveryNotJson "discovery-not-json" Error "Something else answers, such as a captive portal.";
    IssuerByName "issuer-by-name" Error "The issuer names the tenant; Entra's has its id.";
    IssuerTrailingSlash "issuer-trailing-slash" Error "The issuers differ by a slash.";
    IssuerOfWorkforce "issuer-of-workforce" Warning "login.microsoftonline.com is for employees.";
    IssuerMismatch "issuer-mismatch" Error "The document names another issuer.";
    EndpointUnsafe "endpoint-unsafe" Error "An endpoint is missing or not https.";
    CodeFlowMissing "code-flow-missing" Error "The provider has no authorization code flow.";
    PkceMissing "pkce-missing" Error "The provider names PKCE methods, and S256 is not one.";
    AlgorithmsDiffer "algorithms-differ" Error "The provider signs with nothing that is accepted.";
    ProfileDiffers "profile-differs" Warning "The profile is another provider's.";
    ProfileNeeds "profile-needs" Warning "A setting lacks what the provider needs.";
    ScopeUnsupported "scope-unsupported" Warning "The provider does not list a scope.";
    StepUpUnsupported "step-up-unsupported" Warning "The provider does not know the acr values.";
    RefreshUnsupported "refresh-unsupported" Warning "The provider has no refresh tokens.";
    SignOutUnsupported "sign-out-unsupported" Warning "The provider has no sign-out.";
    FrontchannelUnsupported "frontchannel-unsupported" Warning "It has no front-channel logout.";
    KeysUnreachable "keys-unreachable" Error "The keys cannot be fetched.";
    KeysUnusable "keys-unusable" Error "No key fits the accepted algorithms.";
    KeysWeak "keys-weak" Warning "A key is too short, and is skipped.";
    KeysOfAnotherIssuer "keys-of-another-issuer" Warning "Keys are for another issuer.";
    ClockSkew "clock-skew" Error "A clock differs by more than the leeway.";
    RedirectUriUnregistered "redirect-uri-unregistered" Error "The callback is not registered.";
    ClientUnknown "client-unknown" Error "The provider has no such client.";
    ScopeUnknown "scope-unknown" Error "The provider has no such scope.";
    ResourceDiffers "resource-differs" Error "The scopes, or the resource, are of two APIs.";
    SharedRegistration "shared-registration" Error "The web app and the API are one registration.";
    ConsentMissing "consent-missing" Error "No consent was given to the scopes.";
    ResponseTypeUnsupported "response-type-unsupported" Error "The client may not use codes.";
    AuthorizationRefused "authorization-refused" Error "The request is refused otherwise.";
    TokenMalformed "token-malformed" Error "It is not a token in compact form.";
    TokenVersion1 "token-version-1" Error "A version-1 token of Entra.";
    TokenOfGraph "token-of-graph" Error "A token for Microsoft Graph.";
    TokenIsIdToken "token-is-id-token" Error "An ID token instead of an access token.";
    TokenWithoutPermission "token-without-permission" Error "Neither scope nor role is in it.";
    TokenScopesDiffer "token-scopes-differ" Error "Its scopes or roles have other names.";
    TokenWrongAudience "token-wrong-audience" Error "It is for another API.";
    TokenExpired "token-expired" Error "It has expired.";
    TokenClientNotAllowed "token-client-not-allowed" Error "Its client is not on the list.";
    TokenRefused "token-refused" Error "The API refuses it for another reason.";
    BrowserTimeout "browser-timeout" Error "The browser did not come back.";
    SignInAnswer "sign-in-answer" Error "The response is not of this sign-in.";
    SignInRefused "sign-in-refused" Error "The provider or the user refused.";
    CodeRefused "code-refused" Error "The provider does not redeem the code.";
    IdTokenRefused "id-token-refused" Error "The functions refuse the ID token.";
    RefreshMissing "refresh-missing" Warning "There is no refresh token.";
    RefreshRefused "refresh-refused" Error "The provider refuses the refresh token.";
    SecretWrong "secret-wrong" Error "The client secret is wrong.";
    SecretExpired "secret-expired" Error "The client secret has expired.";
    CredentialRefused "credential-refused" Error "The client is refused for another reason.";
    DeploymentUnreachable "deployment-unreachable" Error "The deployment does not answer.";
    HeaderMissing "header-missing" Error "A header that protects the page is not there.";
    HeaderServer "header-server" Warning "A header tells which software answers.";
    PlainHttp "plain-http" Error "The address answers without TLS.";
    SigninBroken "signin-broken" Error "`/signin` does not send to the provider as it should.";
    SigninRedirectUri "signin-redirect-uri" Error "The callback is on another origin.";
    SigninClient "signin-client" Error "The deployment uses another client id.";
    CookieHygiene "cookie-hygiene" Error "The cookie of the attempt lacks an attribute.";
    HostReflected "host-reflected" Error "The Host header decides the callback.";
    SessionAnswer "session-answer" Error "`/session` answers otherwise.";
    ApiOpen "api-open" Error "The API answers without credentials.";
    ApiChallenge "api-challenge" Error "The refusal names no resource metadata.";
    ResourceMismatch "resource-mismatch" Error "The resource metadata is not of this address.";
    CorsOpen "cors-open" Error "Every origin may read, or credentials are allowed.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_every_code() {
        let readme = include_str!("../README.md");
        for code in Code::ALL {
            assert!(readme.contains(&format!("`{}`", code.as_str())), "{}", code.as_str());
        }
    }
}
