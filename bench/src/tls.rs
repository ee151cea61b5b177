//! TLS in front of something that speaks plain HTTP on this machine.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_RSA_SHA256,
    RsaKeySize,
};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, split},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// How long connections that were told to end may take for it.
const MOMENT: Duration = Duration::from_millis(5);

/// A certificate authority for the run, and a certificate of it for localhost.
pub(crate) struct Certificates {
    acceptor: TlsAcceptor,
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
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Takes connections from `listener` and passes on what comes to `plain`.
    pub(crate) fn in_front_of(&self, listener: TcpListener, plain: SocketAddr) -> Front {
        let acceptor = self.acceptor.clone();
        let front = Front::default();
        let connections = Arc::clone(&front.0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, connections) = (acceptor.clone(), Arc::clone(&connections));
                let mut end = connections.end.subscribe();
                connections.open.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    tokio::select! {
                        // A client that hangs up gets no response.
                        _ = pass_on(&acceptor, client, plain, &connections) => {}
                        _ = end.changed() => {
                            connections.closed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    connections.open.send_modify(|open| *open -= 1);
                });
            }
        });
        front
    }
}

/// The connections of one listener, which can be closed while clients use them.
#[derive(Clone, Default)]
pub(crate) struct Front(Arc<Connections>);

#[derive(Default)]
struct Connections {
    open: watch::Sender<usize>,
    end: watch::Sender<()>,
    end_at_request: AtomicBool,
    closed: AtomicUsize,
}

impl Front {
    /// Ends those that are open, and comes back when that is done.
    pub(crate) async fn close_all(&self) {
        let mut open = self.0.open.subscribe();
        // Again and again: one that was on its way is taken only now.
        loop {
            self.0.end.send_replace(());
            if timeout(MOMENT, open.wait_for(|open| *open == 0)).await.is_ok() {
                return;
            }
        }
    }

    /// Ends the next one that a request comes on, in the place of passing the request on.
    pub(crate) fn close_at_request(&self) {
        self.0.end_at_request.store(true, Ordering::Relaxed);
    }

    /// How many were ended under their clients so far.
    pub(crate) fn closed(&self) -> usize {
        self.0.closed.load(Ordering::Relaxed)
    }
}

/// RSA with 2048 bits, as DynamoDB's and Entra's certificates have them: what checks a signature by
/// a curve costs more, and more still in the functions' build (docs/performance.md).
fn key() -> Result<KeyPair> {
    Ok(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?)
}

async fn pass_on(
    acceptor: &TlsAcceptor,
    client: TcpStream,
    plain: SocketAddr,
    connections: &Connections,
) -> Result<()> {
    client.set_nodelay(true)?;
    let client = acceptor.accept(client).await?;
    let server = TcpStream::connect(plain).await?;
    server.set_nodelay(true)?;
    let ((mut requests, mut client), (mut answers, mut server)) =
        (split(client), server.into_split());
    let there = async {
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let length = requests.read(&mut bytes).await?;
            if connections.end_at_request.swap(false, Ordering::Relaxed) {
                connections.closed.fetch_add(1, Ordering::Relaxed);
                anyhow::bail!("ended under a request");
            }
            if length == 0 {
                return server.shutdown().await.context("cannot end the requests");
            }
            server.write_all(&bytes[..length]).await?;
        }
    };
    let back = async {
        copy(&mut answers, &mut client).await?;
        client.shutdown().await.context("cannot end the answers")
    };
    tokio::try_join!(there, back)?;
    Ok(())
}

/// A free port of the loopback interface.
///
/// # Errors
/// When there is none.
pub(crate) async fn listener() -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")
}
