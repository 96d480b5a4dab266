//! A protected connection to a server: TCP without delay, then TLS as the configuration says.
//!
//! IMAP and SMTP share it. Every wait has a deadline. Certificates are checked against the
//! system's roots and the configured `ca_file`; there is no way to switch that off.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

use crate::config::settings::{Server, Tls};

/// Time for the TCP connection, all addresses of the host together; 30 s as Postfix's `smtp_connect_timeout`.
const CONNECT: Duration = Duration::from_secs(30);
/// Time for the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// A connection could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The host name or the TCP connection.
    #[error("cannot connect to {host}:{port}: {cause}")]
    Unreachable {
        /// As configured.
        host: String,
        /// As configured.
        port: u16,
        /// What the system said.
        cause: io::Error,
    },
    /// The TLS handshake, certificate included.
    #[error(
        "no trusted TLS connection to {host}:{port}: {cause}; if the server has a certificate of your own, name it in `ca_file`"
    )]
    Untrusted {
        /// As configured.
        host: String,
        /// As configured.
        port: u16,
        /// What was wrong.
        cause: String,
    },
    /// `ca_file` cannot be used.
    #[error("ca_file {path}: {cause}")]
    CaFile {
        /// As configured.
        path: String,
        /// What was wrong.
        cause: String,
    },
}

/// A connection, plain or protected.
#[derive(Debug)]
pub enum Wire {
    /// Not protected: loopback, or before STARTTLS.
    Plain(TcpStream),
    /// Protected.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Connects, and protects the connection at once when the server wants it from the first byte.
/// For `Tls::StartTls` the connection is still plain: call `protect` after the server agreed.
pub async fn connect(server: &Server) -> Result<Wire, ConnectError> {
    let unreachable = |cause| ConnectError::Unreachable {
        host: server.host.clone(),
        port: server.port,
        cause,
    };
    let tcp = timeout(
        CONNECT,
        TcpStream::connect((server.host.as_str(), server.port)),
    )
    .await
    .map_err(|_| unreachable(io::ErrorKind::TimedOut.into()))?
    .map_err(unreachable)?;
    // Mail is written in small pieces. With Nagle's algorithm each letter costs 44 ms (performance.md §4.1).
    tcp.set_nodelay(true).map_err(unreachable)?;
    let keepalive = socket2::TcpKeepalive::new().with_time(Duration::from_secs(60));
    socket2::SockRef::from(&tcp)
        .set_tcp_keepalive(&keepalive)
        .map_err(unreachable)?;
    match server.tls {
        Tls::Implicit => protect(Wire::Plain(tcp), server).await,
        Tls::StartTls | Tls::None => Ok(Wire::Plain(tcp)),
    }
}

/// Does the TLS handshake on a plain connection. A protected one is returned as it is.
pub async fn protect(wire: Wire, server: &Server) -> Result<Wire, ConnectError> {
    let Wire::Plain(tcp) = wire else {
        return Ok(wire);
    };
    let untrusted = |cause: String| ConnectError::Untrusted {
        host: server.host.clone(),
        port: server.port,
        cause,
    };
    let config = client_config(server.ca_file.as_deref())?;
    let name =
        ServerName::try_from(server.host.clone()).map_err(|error| untrusted(error.to_string()))?;
    let handshake = TlsConnector::from(config).connect(name, tcp);
    match timeout(HANDSHAKE, handshake).await {
        Err(_) => Err(untrusted(format!(
            "no answer within {} s",
            HANDSHAKE.as_secs()
        ))),
        Ok(Err(error)) => Err(untrusted(error.to_string())),
        Ok(Ok(stream)) => Ok(Wire::Tls(Box::new(stream))),
    }
}

fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, ConnectError> {
    let provider: Arc<CryptoProvider> = ring::default_provider().into();
    let extra = match ca_file {
        None => Vec::new(),
        Some(path) => certificates(path).map_err(|cause| ConnectError::CaFile {
            path: path.display().to_string(),
            cause,
        })?,
    };
    let wrong = |cause: String| ConnectError::CaFile {
        path: ca_file.map_or_else(
            || "(system roots)".to_owned(),
            |path| path.display().to_string(),
        ),
        cause,
    };
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone())
        .map_err(|error| wrong(error.to_string()))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .dangerous() // the name of rustls for "my own verifier"; this one is the platform's
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|error| error.to_string())?
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if found.is_empty() {
        Err("holds no certificate in PEM form".to_owned())
    } else {
        Ok(found)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
