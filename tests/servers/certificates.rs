//! A certificate authority of the test's own, and a server certificate for `localhost` signed by it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::must;

/// Where the PEM files are.
pub struct Certificates {
    /// The authority's certificate: what a client is told to trust.
    pub ca: PathBuf,
    /// The server's certificate, valid for `localhost` and 127.0.0.1.
    pub certificate: PathBuf,
    /// The server's key.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes both with `openssl` in `dir`. Elliptic curves: a key costs a millisecond.
    pub fn make(dir: &Path) -> Certificates {
        let openssl = |line: &str| {
            must(
                Command::new("openssl")
                    .args(line.split(' '))
                    .current_dir(dir),
            );
        };
        let new = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2";
        openssl(&format!(
            "{new} -subj /CN=guichet-test-authority -keyout ca.key -out ca.pem -addext keyUsage=critical,keyCertSign"
        ));
        openssl(&format!(
            "{new} -subj /CN=localhost -keyout server.key -out server.pem -CA ca.pem -CAkey ca.key \
             -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
             -addext extendedKeyUsage=serverAuth"
        ));
        Certificates {
            ca: dir.join("ca.pem"),
            certificate: dir.join("server.pem"),
            key: dir.join("server.key"),
        }
    }
}
