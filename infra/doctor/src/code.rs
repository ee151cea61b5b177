use crate::Severity;

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
    SettingInvalid "setting-invalid" Fault "A function would not start with this setting.";
    SettingPlaceholder "setting-placeholder" Fault "A placeholder of the documentation was left.";
    SecretTwice "secret-twice" Fault "A secret is set inline and by ARN.";
    ScopesOfTwoApis "scopes-of-two-apis" Fault "One request asks for the scopes of two APIs.";
    AudienceIsUri "audience-is-uri" Fault "The audience is `api://…` where the client id is meant.";
    SettingMisspelt "setting-misspelt" Warning "A variable that nobody reads looks like one.";
    ProviderUnknownHost "provider-unknown-host" Fault "The provider's name does not resolve.";
    ProviderTls "provider-tls" Fault "No TLS with the provider.";
    ProviderUnreachable "provider-unreachable" Fault "The provider does not answer.";
    DiscoveryStatus "discovery-status" Fault "The discovery document is not there.";
    DiscoveryNotJson "discovery-not-json" Fault "Something else answers, such as a captive portal.";
    IssuerByName "issuer-by-name" Fault "The issuer names the tenant; Entra's has its id.";
    IssuerTrailingSlash "issuer-trailing-slash" Fault "The issuers differ by a slash.";
    IssuerOfWorkforce "issuer-of-workforce" Warning "login.microsoftonline.com is for employees.";
    IssuerMismatch "issuer-mismatch" Fault "The document names another issuer.";
    EndpointUnsafe "endpoint-unsafe" Fault "An endpoint is missing or not https.";
    CodeFlowMissing "code-flow-missing" Fault "The provider has no authorization code flow.";
    PkceMissing "pkce-missing" Fault "The provider names PKCE methods, and S256 is not one.";
    AlgorithmsDiffer "algorithms-differ" Fault "The provider signs with nothing that is accepted.";
    KeysUnreachable "keys-unreachable" Fault "The keys cannot be fetched.";
    KeysUnusable "keys-unusable" Fault "No key fits the accepted algorithms.";
    KeysWeak "keys-weak" Warning "A key is too short, and is skipped.";
    KeysOfAnotherIssuer "keys-of-another-issuer" Warning "Keys are for another issuer.";
    ClockSkew "clock-skew" Fault "A clock differs by more than the leeway.";
    RedirectUriUnregistered "redirect-uri-unregistered" Fault "The callback is not registered.";
    ClientUnknown "client-unknown" Fault "The provider has no such client.";
    ScopeUnknown "scope-unknown" Fault "The provider has no such scope.";
    ConsentMissing "consent-missing" Fault "Nobody consented to the scopes.";
    ResponseTypeUnsupported "response-type-unsupported" Fault "The client may not use codes.";
    AuthorizationRefused "authorization-refused" Fault "The request is refused otherwise.";
    TokenMalformed "token-malformed" Fault "It is no token in compact form.";
    TokenVersion1 "token-version-1" Fault "A version-1 token of Entra.";
    TokenOfGraph "token-of-graph" Fault "A token for Microsoft Graph.";
    TokenIsIdToken "token-is-id-token" Fault "An ID token instead of an access token.";
    TokenWithoutPermission "token-without-permission" Fault "Neither scope nor role is in it.";
    TokenScopesDiffer "token-scopes-differ" Fault "Its scopes or roles have other names.";
    TokenWrongAudience "token-wrong-audience" Fault "It is for another API.";
    TokenExpired "token-expired" Fault "It has expired.";
    TokenClientNotAllowed "token-client-not-allowed" Fault "Its client is not on the list.";
    TokenRefused "token-refused" Fault "The API refuses it for another reason.";
    SecretWrong "secret-wrong" Fault "The client secret is wrong.";
    SecretExpired "secret-expired" Fault "The client secret has expired.";
    CredentialRefused "credential-refused" Fault "The client is refused for another reason.";
    DeploymentUnreachable "deployment-unreachable" Fault "The deployment does not answer.";
    HeaderMissing "header-missing" Fault "A header that protects the page is not there.";
    HeaderServer "header-server" Warning "A header tells which software answers.";
    PlainHttp "plain-http" Fault "The address answers without TLS.";
    SigninBroken "signin-broken" Fault "`/signin` does not send to the provider as it should.";
    SigninRedirectUri "signin-redirect-uri" Fault "The callback is on another origin.";
    SigninClient "signin-client" Fault "The deployment uses another client id.";
    CookieHygiene "cookie-hygiene" Fault "The cookie of the attempt lacks an attribute.";
    HostReflected "host-reflected" Fault "The Host header decides the callback.";
    SessionAnswer "session-answer" Fault "`/session` answers otherwise.";
    ApiOpen "api-open" Fault "The API answers without credentials.";
    ApiChallenge "api-challenge" Fault "The refusal names no resource metadata.";
    ResourceMismatch "resource-mismatch" Fault "The resource metadata is not of this address.";
    CorsOpen "cors-open" Fault "Every origin may read with credentials.";
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
