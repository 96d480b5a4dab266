//! A Postfix of the test's own: takes mail for the test's domains and puts it into Dovecot's Maildirs.
//!
//! Its master process is run directly with a configuration, queue and data folder of its own, so nothing of
//! an installed Postfix is read or written. Listens in clear (with STARTTLS) and under TLS, on the loopback.
//! `-` for a service's chroot is always `n`: the folder has no copies of /etc and /lib.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::certificates::Certificates;
use crate::dovecot::{Dovecot, OWNER, open_folder};
use crate::process::{Server, await_some, free_port, must};

/// People with a name of their own. Mail to anybody else is refused: none leaves the machine.
const PEOPLE: &[&str] = &[
    "support@example.org",
    "marie@acme.example",
    "jean@acme.example",
    "boss@acme.example",
    "ann@desk.example",
    "paul@desk.example",
    "support@orange.example",
    "stranger@elsewhere.example",
];
/// How many people `requester` knows.
const REQUESTERS: usize = 1_000;

/// One of many people of the organisation `acme`, who differ by their number.
pub fn requester(number: usize) -> String {
    assert!(
        number < REQUESTERS,
        "there are {REQUESTERS} requesters only"
    );
    format!("requester{number}@acme.example")
}

fn users() -> impl Iterator<Item = String> {
    let people = PEOPLE.iter().map(ToString::to_string);
    people.chain((0..REQUESTERS).map(requester))
}

/// A running Postfix.
pub struct Postfix {
    /// Port for SMTP in clear and STARTTLS; with and without login.
    pub smtp: u16,
    /// Port for SMTP under TLS.
    pub smtps: u16,
    dir: PathBuf,
    server: Option<Server>,
}

impl Postfix {
    /// Starts it in `dir`, which must be empty or absent.
    pub fn start(dir: &Path, certificates: &Certificates, dovecot: &Dovecot) -> Postfix {
        let mut postfix = Postfix {
            smtp: free_port(),
            smtps: free_port(),
            dir: dir.to_owned(),
            server: None,
        };
        postfix.make_folders();
        let write = |name: &str, text: String| {
            fs::write(dir.join("etc").join(name), text)
                .expect("the test's own folder can be written");
        };
        write("main.cf", postfix.main(certificates, dovecot));
        write("master.cf", postfix.services());
        let lines = users().map(|user| {
            let (local, domain) = user.split_once('@').expect("an address");
            format!("{user} {domain}/{local}/\n")
        });
        write("mailboxes", lines.collect());
        postfix.run();
        postfix
    }

    /// Ends it. What is in its queue stays there for `resume`.
    pub fn pause(&mut self) {
        drop(self.server.take());
    }

    /// Starts it again on the same ports.
    pub fn resume(&mut self) {
        self.run();
    }

    /// Waits until nothing is left to deliver. Panics after `within`.
    pub fn await_empty_queue(&self, within: Duration) {
        let etc = self.dir.join("etc");
        let empty = || {
            let queue = must(
                Command::new("/usr/sbin/postqueue")
                    .arg("-c")
                    .arg(&etc)
                    .arg("-p"),
            );
            queue.contains("Mail queue is empty").then_some(())
        };
        assert!(
            await_some(within, empty).is_some(),
            "Postfix still has mail in its queue after {within:?}"
        );
    }

    fn run(&mut self) {
        let etc = self.dir.join("etc");
        let etc = etc.to_str().expect("the folder's name is ASCII");
        // master changes users while it runs, and the kernel then forgets that it shall end with its
        // parent. The shell does not forget; it hands the signal on and waits for all of them.
        let hold = "trap 'trap \"\" TERM; kill -TERM 0; wait' TERM; \"$@\" & wait";
        let master = "/usr/lib/postfix/sbin/master";
        // -d: stay a child of ours instead of becoming a daemon.
        let command = ["sh", "-c", hold, "sh", master, "-c", etc, "-d"];
        let mut server = Server::start("postfix", &command, &self.dir);
        server.logs.push(self.dir.join("mail.log"));
        server.await_ports(&[self.smtp, self.smtps]);
        self.server = Some(server);
    }

    /// What `postfix start` would make: master itself makes no folder.
    fn make_folders(&self) {
        open_folder(&self.dir);
        let (mail, drop) = (user_id("postfix"), group_id("postdrop"));
        for name in ["etc", "data", "queue"] {
            open_folder(&self.dir.join(name));
        }
        chown(self.dir.join("data"), Some(mail), None)
            .expect("the tests of the servers run as root");
        let queue = self.dir.join("queue");
        let own = [
            "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
            "private", "saved", "trace",
        ];
        for name in own {
            open_folder(&queue.join(name));
            chown(queue.join(name), Some(mail), None).expect("run as root");
        }
        open_folder(&queue.join("pid"));
        for (name, mode) in [("maildrop", 0o1730), ("public", 0o2710)] {
            let folder = queue.join(name);
            open_folder(&folder);
            chown(&folder, Some(mail), Some(drop)).expect("run as root");
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).expect("our own folder");
        }
    }

    fn main(&self, certificates: &Certificates, dovecot: &Dovecot) -> String {
        let dir = self.dir.display();
        let domains: BTreeSet<_> = PEOPLE
            .iter()
            .filter_map(|user| user.split('@').nth(1))
            .collect();
        let domains: Vec<_> = domains.into_iter().collect();
        let domains = domains.join(", ");
        let mail = dovecot.mail();
        format!(
            "compatibility_level = 3.6
config_directory = {dir}/etc
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/mail.log
maillog_file_prefixes = {dir}
myhostname = mx.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
relay_domains =
default_transport = error:no test mail leaves this machine
recipient_delimiter = +
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{dir}/etc/mailboxes
virtual_mailbox_base = {mail}
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:{OWNER}
virtual_gid_maps = static:{OWNER}
message_size_limit = 104857600
mailbox_size_limit = 0
smtpd_recipient_restrictions = permit_sasl_authenticated, permit_mynetworks, reject
smtpd_relay_restrictions = permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {socket}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
",
            mail = mail.display(),
            socket = dovecot.auth_socket.display(),
            certificate = certificates.certificate.display(),
            key = certificates.key.display(),
        )
    }

    fn services(&self) -> String {
        let (smtp, smtps) = (self.smtp, self.smtps);
        format!(
            "127.0.0.1:{smtp}  inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
postlog   unix-dgram n - n - 1 postlogd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
"
        )
    }
}

fn user_id(name: &str) -> u32 {
    let printed = must(Command::new("id").args(["-u", name]));
    printed.trim().parse().expect("`id -u` prints a number")
}

fn group_id(name: &str) -> u32 {
    let line = must(Command::new("getent").args(["group", name]));
    let id = line.split(':').nth(2);
    id.and_then(|id| id.parse().ok()).expect("NAME:x:ID:...")
}
