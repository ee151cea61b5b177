//! The credential of a client: an RSA key and a self-signed certificate for it.

use std::path::{Path, PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use private_file::PrivateFile;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use time::{Duration, OffsetDateTime};

use crate::{Name, console::Console, error::Error, graph::KeyCredential, part::Part};

/// Microsoft's recommended maximum ("Enforce secret and certificate standards").
pub(crate) const LIFETIME: Duration = Duration::days(180);

/// A private key with its certificate. It has no `Debug`, so that no log can hold it.
pub(crate) struct Certificate {
    /// Both, as `OIDC_CLIENT_KEY` takes them.
    pem: String,
    /// What Graph registers. It has nothing of the private key.
    pub(crate) credential: KeyCredential,
}

impl Certificate {
    /// A new key of 2048 bits, with a certificate that is valid from now on.
    pub(crate) fn generate(name: &Name, now: OffsetDateTime) -> Self {
        let mark = name.mark();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, &mark);
        // Certificates know no fractions of seconds, and Graph compares both times.
        params.not_before = now.truncate_to_second();
        params.not_after = params.not_before + LIFETIME;
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
            .expect("aws-lc-rs makes RSA keys of this size");
        let certificate = params.self_signed(&key).expect("the parameters have one form");
        let der = BASE64_STANDARD.encode(certificate.der());
        let credential = KeyCredential::new(&mark, &der, params.not_before, params.not_after);
        Self { pem: key.serialize_pem() + &certificate.pem(), credential }
    }
}

/// The file for one private key, created first: if it can't be, no certificate is registered.
pub(crate) struct KeyFile {
    file: PrivateFile,
    path: PathBuf,
}

impl KeyFile {
    pub(crate) fn create(folder: &Path, name: &Name, part: Part) -> Result<Self, Error> {
        let path =
            folder.join(format!("{}-{}-key.pem", name.slug(), part.noun().replace(' ', "-")));
        let file = private_file::create_folder(folder).and_then(|()| PrivateFile::create(&path));
        match file {
            Ok(file) => Ok(Self { file, path }),
            Err(reason) => Err(Error::File { path, reason }),
        }
    }

    pub(crate) fn write(
        self,
        certificate: &Certificate,
        part: Part,
        console: &dyn Console,
    ) -> Result<(), Error> {
        let Self { file, path } = self;
        let written = file.write(certificate.pem.as_bytes());
        written.map_err(|reason| Error::File { path: path.clone(), reason })?;
        let path = path.display();
        console.say(&format!("The key and certificate of the {} are in {path}", part.noun()));
        if part == Part::Web {
            // A file, because arguments are in the shell's history and in the list of processes.
            console.say(&format!(
                "Store them, and pass the ARN that this prints to `apply --secret-arn` \
                 (put-secret-value --secret-id <ARN> for a secret that exists):\n  \
                 aws secretsmanager create-secret --name tollgate/client-key \\\n    \
                 --secret-string file://{path} --query ARN --output text"
            ));
        }
        Ok(())
    }
}
