//! The templates that come with guichet, and the folder that replaces some of them.
//!
//! A file is known by its path below `templates/`, such as `fr/update/text.hbs`.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use super::TemplateError;
use super::templates::Files;

/// A larger template is refused: it could only be a mistake. The largest of ours has 4 KiB.
const FILE_MAX: u64 = 256 * 1024;
/// Files in the operator's folder beyond this number are a mistake as well: the wrong folder is named.
const FILES_MAX: usize = 2_000;

/// Path and content of each file that comes with guichet; `build.rs` makes the list.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// The files of words, beside the templates.
const WORDS: [&str; 3] = ["strings.toml", "questions.toml", "digest.toml"];

/// Every file by its path, the folder's in place of ours.
pub fn files(folder: Option<&Path>) -> Result<Files, TemplateError> {
    let mut files: Files = FILES
        .iter()
        .map(|(path, text)| (Cow::Borrowed(*path), Cow::Borrowed(*text)))
        .collect();
    if let Some(folder) = folder {
        collect(folder, "", &mut files, &mut 0)?;
    }
    Ok(files)
}

/// Adds the templates of `folder` and below; other files (a README, an editor's copies) are left alone.
fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut Files,
    seen: &mut usize,
) -> Result<(), TemplateError> {
    let wrong = |path: &Path, cause: &dyn std::fmt::Display| {
        TemplateError::new(&path.display().to_string(), None, cause.to_string())
    };
    let entries = fs::read_dir(folder).map_err(|error| wrong(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| wrong(folder, &error))?;
        *seen += 1;
        if *seen > FILES_MAX {
            return Err(wrong(
                folder,
                &format!("more than {FILES_MAX} files; is this the folder of templates?"),
            ));
        }
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let known_as = format!("{prefix}{name}");
        // Links are followed: an operator may keep shared files elsewhere.
        let data = fs::metadata(&path).map_err(|error| wrong(&path, &error))?;
        // `<locale>/<notice>/<file>` is as deep as templates lie.
        if data.is_dir() && known_as.matches('/').count() < 2 {
            collect(&path, &format!("{known_as}/"), files, seen)?;
        } else if data.is_file() && (name.ends_with(".hbs") || WORDS.contains(&name)) {
            if data.len() > FILE_MAX {
                return Err(wrong(
                    &path,
                    &format!("larger than {} KiB", FILE_MAX / 1024),
                ));
            }
            let text = fs::read_to_string(&path).map_err(|error| wrong(&path, &error))?;
            files.insert(Cow::Owned(known_as), Cow::Owned(text));
        }
    }
    Ok(())
}
