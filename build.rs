//! Lists the templates that are built in: every file below `templates/`, by its path there.
//!
//! A list by hand would have to be changed with each file, and by everybody at the same place.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = root.join("templates");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=templates");
    let mut paths = Vec::new();
    collect(&folder, "", &mut paths)?;
    paths.sort();
    let mut list = String::from("&[\n");
    for path in paths {
        // From where the sources are when they are compiled: a checkout may be moved, and the target folder shared.
        let file = format!("/templates/{path}");
        // Writing to a String cannot fail.
        let _ = writeln!(
            list,
            "    ({path:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {file:?}))),"
        );
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("templates.rs"), list)
}

/// The files of `folder` and below, with slashes between the names on every system.
fn collect(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), paths)?;
        } else if name.ends_with(".hbs") || name.ends_with(".toml") {
            paths.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
