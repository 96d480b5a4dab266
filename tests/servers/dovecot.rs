//! A Dovecot of the test's own: IMAP in clear, after STARTTLS and under TLS, Maildirs in the test's folder.
//!
//! Any user name of any domain may log in with `PASSWORD`; a Maildir is made when first needed. Listens on
//! the loopback only and shares nothing with an installed Dovecot but its programs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::certificates::Certificates;
use crate::process::{Server, free_port};

/// The password of every user.
pub const PASSWORD: &str = "correct-horse";
/// `nobody` and `nogroup`: Dovecot serves no mail as root, and these exist everywhere.
pub const OWNER: u32 = 65534;

/// What a test may want otherwise.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections of one user from one address; Dovecot's own default is 10.
    pub connections_per_user: u32,
    /// Capabilities taken away from what the server announces after login, such as `MOVE`.
    pub without: &'static [&'static str],
}

impl Default for Options {
    fn default() -> Self {
        Options {
            connections_per_user: 10,
            without: &[],
        }
    }
}

/// A running Dovecot.
pub struct Dovecot {
    /// Port for IMAP in clear and STARTTLS.
    pub imap: u16,
    /// Port for IMAP under TLS.
    pub imaps: u16,
    /// Where it asks for logins on behalf of Postfix.
    pub auth_socket: PathBuf,
    dir: PathBuf,
    server: Option<Server>,
}

/// What Dovecot 2.3 announces after login, the parts a gateway may use.
const CAPABILITIES: &str = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT THREAD=REFERENCES \
     MULTIAPPEND UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT \
     SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE SPECIAL-USE LITERAL+";

impl Dovecot {
    /// Starts it in `dir`, which must be empty or absent.
    pub fn start(dir: &Path, certificates: &Certificates, options: &Options) -> Dovecot {
        let mut dovecot = Dovecot {
            imap: free_port(),
            imaps: free_port(),
            auth_socket: dir.join("postfix-auth"),
            dir: dir.to_owned(),
            server: None,
        };
        open_folder(dir);
        open_folder(&dovecot.mail());
        chown(dovecot.mail(), Some(OWNER), Some(OWNER))
            .expect("the tests of the servers run as root");
        fs::write(
            dir.join("dovecot.conf"),
            dovecot.configuration(certificates, options),
        )
        .expect("the test's own folder can be written");
        dovecot.run();
        dovecot
    }

    /// The folder of all Maildirs: `DOMAIN/USER`.
    pub fn mail(&self) -> PathBuf {
        self.dir.join("mail")
    }

    /// The Maildir of a user, made when missing: by the owner of the mail, because Postfix and Dovecot
    /// make it too, and a folder that were root's for a moment would refuse what they deliver.
    pub fn maildir(&self, user: &str) -> PathBuf {
        let maildir = self.path_of(user);
        let folders = ["cur", "new", "tmp"].map(|part| maildir.join(part));
        if !folders.iter().all(|folder| folder.is_dir()) {
            let mut mkdir = Command::new("mkdir");
            mkdir.arg("-p").args(folders).uid(OWNER).gid(OWNER);
            let made = mkdir.status().expect("mkdir can be started");
            assert!(made.success(), "cannot make {}: {made}", maildir.display());
        }
        maildir
    }

    fn path_of(&self, user: &str) -> PathBuf {
        let (local, domain) = user.split_once('@').expect("users are addresses");
        self.mail().join(domain).join(local)
    }

    /// Puts a mail into a user's INBOX the way a delivery agent does: written beside, then renamed.
    pub fn drop_mail(&self, user: &str, mail: &[u8]) {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let maildir = self.maildir(user);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Dovecot numbers what it finds in one look in the order of the names.
        let name = format!("1700000000.M{number:08}P{}.localhost", std::process::id());
        let beside = maildir.join("tmp").join(&name);
        fs::write(&beside, mail).expect("the Maildir can be written");
        chown(&beside, Some(OWNER), Some(OWNER)).expect("run as root");
        fs::rename(beside, maildir.join("new").join(name)).expect("same file system");
    }

    /// Every mail in the INBOX of a user, in order of arrival, as bytes. Reads the files, not IMAP.
    pub fn mails(&self, user: &str) -> Vec<Vec<u8>> {
        let maildir = self.path_of(user);
        let mut found = BTreeMap::new();
        // Files move from `new` to `cur` under our eyes, never back: in this order none is missed, and
        // one that is seen in both counts as the second, which is where it can still be read.
        for part in ["new", "cur"] {
            // Whoever never got a mail has no Maildir.
            let files = fs::read_dir(maildir.join(part)).into_iter().flatten();
            for file in files.flatten() {
                let name = file.file_name().to_string_lossy().into_owned();
                let unique = name.split(':').next().unwrap_or_default().to_owned();
                found.insert(unique, file.path());
            }
        }
        let mut mails: Vec<_> = found
            .into_iter()
            .filter_map(|(name, path)| {
                let arrived = fs::metadata(&path).and_then(|file| file.modified()).ok()?;
                Some((arrived, name, fs::read(path).ok()?))
            })
            .collect();
        mails.sort();
        mails.into_iter().map(|(_, _, bytes)| bytes).collect()
    }

    /// Every user that has a Maildir.
    pub fn users(&self) -> Vec<String> {
        let children = |dir: PathBuf| {
            let entries = fs::read_dir(dir).into_iter().flatten().flatten();
            entries.filter_map(|entry| entry.file_name().into_string().ok())
        };
        let mut users: Vec<_> = children(self.mail())
            .flat_map(|domain| {
                children(self.mail().join(&domain)).map(move |user| format!("{user}@{domain}"))
            })
            .collect();
        users.sort();
        users
    }

    /// Forgets all UIDs of a user's INBOX: stops, removes the index, starts again on the same ports.
    /// The folder comes back with the same mails and a new UIDVALIDITY.
    pub fn restart_without_index(&mut self, user: &str) {
        drop(self.server.take());
        let maildir = self.maildir(user);
        for file in fs::read_dir(maildir).expect("just made").flatten() {
            let name = file.file_name();
            let name = name.to_string_lossy();
            // `dovecot-uidvalidity` stays: it makes the new number larger than the old one.
            if name == "dovecot-uidlist" || name.starts_with("dovecot.index") {
                fs::remove_file(file.path()).expect("our own file");
            }
        }
        self.run();
    }

    /// What it logged so far; a login is a line with `Login: user=`.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("dovecot.log")).unwrap_or_default()
    }

    /// Whether a connection of `user` waits in IDLE. Dovecot writes it into the title of the process.
    pub fn is_idle(&self, user: &str) -> bool {
        let mut titles = self.children().into_iter().filter_map(|pid| {
            let title = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            Some(String::from_utf8_lossy(&title).into_owned())
        });
        titles.any(|title| title.contains(user) && title.contains(" IDLE"))
    }

    /// Process ids of Dovecot: the first one and its children.
    pub fn children(&self) -> Vec<u32> {
        let Some(master) = self.server.as_ref().map(Server::pid) else {
            return Vec::new();
        };
        let list = format!("/proc/{master}/task/{master}/children");
        let list = fs::read_to_string(list).unwrap_or_default();
        let children = list.split_whitespace().filter_map(|pid| pid.parse().ok());
        std::iter::once(master).chain(children).collect()
    }

    fn run(&mut self) {
        let conf = self.dir.join("dovecot.conf");
        let conf = conf.to_str().expect("the folder's name is ASCII");
        let mut server = Server::start(
            "dovecot",
            &["/usr/sbin/dovecot", "-F", "-c", conf],
            &self.dir,
        );
        server.logs.push(self.dir.join("dovecot.log"));
        server.await_ports(&[self.imap, self.imaps]);
        self.server = Some(server);
    }

    fn configuration(&self, certificates: &Certificates, options: &Options) -> String {
        let dir = self.dir.display();
        let (imap, imaps) = (self.imap, self.imaps);
        let (certificate, key) = (
            certificates.certificate.display(),
            certificates.key.display(),
        );
        let per_user = options.connections_per_user;
        let capabilities: Vec<_> = CAPABILITIES
            .split_whitespace()
            .filter(|word| !options.without.contains(word))
            .collect();
        let capability = if options.without.is_empty() {
            String::new()
        } else {
            format!("imap_capability = {}", capabilities.join(" "))
        };
        format!(
            r#"
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
verbose_proctitle = yes
log_timestamp = "%Y-%m-%d %H:%M:%S "
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Lu
# A test that gives a wrong password shall not wait for the penalty.
auth_failure_delay = 0
mail_location = maildir:{dir}/mail/%d/%n
mail_max_userip_connections = {per_user}
first_valid_uid = 1
first_valid_gid = 1
{capability}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={OWNER} gid={OWNER} home={dir}/mail/%d/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {dir}/postfix-auth {{
    mode = 0666
  }}
}}
# The penalty for wrong passwords is counted here; without it none is given.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"#
        )
    }
}

/// Makes a folder that the servers' own users may walk through.
pub fn open_folder(dir: &Path) {
    fs::create_dir_all(dir).expect("the test's own folder can be written");
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).expect("our own folder");
}
