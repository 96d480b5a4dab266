//! The protected side of a scripted server: a certificate for `localhost` and `127.0.0.1`.
//!
//! `peer.pem` holds the certificate and its key, `ca.pem` who signed it. Nobody trusts that authority,
//! its key was thrown away, and both are valid for a hundred years.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A connection, plain or protected.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What to name as `ca_file`.
pub fn ca_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/wire/ca.pem")
}

/// Does the server's part of the handshake; `None` if the client did not like it.
pub async fn protect(stream: Box<dyn Stream>) -> Option<Box<dyn Stream>> {
    let pem = include_bytes!("peer.pem");
    let certificate = CertificateDer::from_pem_slice(pem).expect("peer.pem has one");
    let key = PrivateKeyDer::from_pem_slice(pem).expect("peer.pem has one");
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("ring knows them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they fit");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Some(Box::new(acceptor.accept(stream).await.ok()?))
}
