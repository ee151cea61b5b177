use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use settings::{Environment, Setting, SettingError};

const ROOTS: Setting = Setting::new(
    "SSL_CERT_FILE",
    "a PEM file with the trusted root certificates",
    "/etc/ssl/certs/ca-certificates.crt",
)
.optional("Mozilla's list");

/// TLS 1.2 and 1.3 with aws-lc-rs, and the roots that the environment names.
pub(crate) fn config(environment: &Environment) -> Result<ClientConfig, SettingError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs has cipher suites for TLS 1.2 and 1.3");
    Ok(builder.with_root_certificates(roots(environment)?).with_no_client_auth())
}

fn roots(environment: &Environment) -> Result<RootCertStore, SettingError> {
    match environment.value(&ROOTS) {
        Some(path) => from_file(path).map_err(|error| SettingError::invalid(&ROOTS, error)),
        None => Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()),
    }
}

/// A certificate that is PEM but not a usable root is passed over, as OpenSSL does:
/// system bundles carry some. A file without a single usable one is a mistake.
fn from_file(path: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| format!("cannot read it: {error}"))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| format!("not a PEM file: {error}"))?;
        let _unusable = roots.add(certificate);
    }
    if roots.is_empty() {
        return Err("there is no certificate in that file".to_owned());
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(content: &str) -> Result<RootCertStore, SettingError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        roots(&Environment::of([(ROOTS.name, file.path().to_str().unwrap())]))
    }

    #[test]
    fn roots_are_bundled_when_no_file_is_named() {
        assert!(roots(&Environment::default()).unwrap().len() > 100);
    }

    #[test]
    fn a_file_without_a_certificate_is_refused_by_the_variable_s_name() {
        let error = with_file("hello").unwrap_err().to_string();
        assert!(
            error.starts_with("SSL_CERT_FILE is not valid: there is no certificate"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_refused() {
        let error =
            roots(&Environment::of([(ROOTS.name, "/no/such/file")])).unwrap_err().to_string();
        assert!(error.starts_with("SSL_CERT_FILE is not valid: cannot read it"), "{error}");
    }
}
