//! TLS in front of something that speaks plain HTTP on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_RSA_SHA256,
    RsaKeySize,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// A certificate authority for the run, and a certificate of it for localhost.
pub(crate) struct Certificates {
    acceptor: TlsAcceptor,
    /// Told when all connections are to be closed.
    closing: watch::Sender<()>,
    closed: Arc<AtomicU64>,
}

impl Certificates {
    /// Makes both, and writes the authority's to `file`, for `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn make(file: &Path) -> Result<Self> {
        let mut authority = CertificateParams::new([])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Or OpenSSL takes a certificate of it, which has the same name, for a self-signed one.
        authority.distinguished_name.push(DnType::CommonName, "authority of this run");
        let authority = CertifiedIssuer::self_signed(authority, key()?)?;
        std::fs::write(file, authority.pem()).context("cannot write the certificate")?;
        let key = key()?;
        let own = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, closing: watch::Sender::new(()), closed: Arc::default() })
    }

    /// Closes every connection that is open, as a server does that has waited long enough.
    pub(crate) fn close_all(&self) {
        self.closing.send_replace(());
    }

    /// How many connections were closed so far.
    pub(crate) fn closed(&self) -> u64 {
        self.closed.load(Ordering::Relaxed)
    }

    /// Takes connections from `listener` and passes on what comes to `plain`.
    pub(crate) fn in_front_of(&self, listener: TcpListener, plain: SocketAddr) {
        let acceptor = self.acceptor.clone();
        let (closing, closed) = (self.closing.clone(), self.closed.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, closed) = (acceptor.clone(), closed.clone());
                let mut closing = closing.subscribe();
                tokio::spawn(async move {
                    tokio::select! {
                        // Whoever hangs up in the middle hears of nothing.
                        _ = pass_on(&acceptor, client, plain) => {}
                        _ = closing.changed() => {
                            closed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
    }
}

/// RSA with 2048 bits, as DynamoDB's and Entra's certificates have them: what checks a signature by
/// a curve costs more, and more still in the functions' build (docs/performance.md).
fn key() -> Result<KeyPair> {
    Ok(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?)
}

async fn pass_on(acceptor: &TlsAcceptor, client: TcpStream, plain: SocketAddr) -> Result<()> {
    client.set_nodelay(true)?;
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(plain).await?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// A free port of the loopback interface.
///
/// # Errors
/// When there is none.
pub(crate) async fn listener() -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")
}
