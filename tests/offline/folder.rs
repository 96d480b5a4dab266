//! A folder with a configuration and a Maildir, in which the real program runs.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The folder, gone at the end. The mailbox of a configuration may be its Maildir `in`.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn with(configuration: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        for part in ["in/new", "in/cur", "in/tmp"] {
            fs::create_dir_all(folder.path().join(part)).expect("it is ours");
        }
        folder.put("guichet.toml", configuration);
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let file = self.path().join(path);
        let above = file.parent().expect("below the folder");
        fs::create_dir_all(above).expect("it is ours");
        fs::write(file, text).expect("it is ours");
    }

    /// The program with these arguments, not yet started.
    pub fn guichet(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command
            .arg("--config")
            .arg(self.path().join("guichet.toml"))
            .args(arguments)
            .current_dir(self.path());
        command
    }
}
