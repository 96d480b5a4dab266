//! The templates that come with guichet, and the folder that replaces some of them.
//!
//! A file is known by its path below `templates/`, such as `fr/update/text.hbs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::TemplateError;

/// A larger template is refused: it could only be a mistake. The largest of ours has 4 KiB.
const FILE_MAX: u64 = 256 * 1024;
/// Files in the operator's folder beyond this number are a mistake as well: the wrong folder is named.
const FILES_MAX: usize = 2_000;

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $path)))),*]
    };
}

/// Path and content of each file that comes with guichet.
const FILES: &[(&str, &str)] = embedded![
    "en/acknowledgement/html.hbs",
    "en/acknowledgement/subject.hbs",
    "en/acknowledgement/text.hbs",
    "en/closed/html.hbs",
    "en/closed/subject.hbs",
    "en/closed/text.hbs",
    "en/digest-stopped/html.hbs",
    "en/digest-stopped/subject.hbs",
    "en/digest-stopped/text.hbs",
    "en/digest.toml",
    "en/digest/html.hbs",
    "en/digest/subject.hbs",
    "en/digest/text.hbs",
    "en/message/html.hbs",
    "en/message/subject.hbs",
    "en/message/text.hbs",
    "en/new-ticket/html.hbs",
    "en/new-ticket/subject.hbs",
    "en/new-ticket/text.hbs",
    "en/partials/commands.hbs",
    "en/partials/cut.hbs",
    "en/partials/files-title.hbs",
    "en/partials/greeting.hbs",
    "en/partials/moved.hbs",
    "en/partials/promise.hbs",
    "en/partials/reason.html.hbs",
    "en/partials/said-by.hbs",
    "en/progress/html.hbs",
    "en/progress/subject.hbs",
    "en/progress/text.hbs",
    "en/receipt/html.hbs",
    "en/receipt/subject.hbs",
    "en/receipt/text.hbs",
    "en/resolved/html.hbs",
    "en/resolved/subject.hbs",
    "en/resolved/text.hbs",
    "en/strings.toml",
    "en/unverified/subject.hbs",
    "en/unverified/text.hbs",
    "en/update/html.hbs",
    "en/update/subject.hbs",
    "en/update/text.hbs",
    "fr/acknowledgement/html.hbs",
    "fr/acknowledgement/subject.hbs",
    "fr/acknowledgement/text.hbs",
    "fr/closed/html.hbs",
    "fr/closed/subject.hbs",
    "fr/closed/text.hbs",
    "fr/digest-stopped/html.hbs",
    "fr/digest-stopped/subject.hbs",
    "fr/digest-stopped/text.hbs",
    "fr/digest.toml",
    "fr/digest/html.hbs",
    "fr/digest/subject.hbs",
    "fr/digest/text.hbs",
    "fr/message/html.hbs",
    "fr/message/subject.hbs",
    "fr/message/text.hbs",
    "fr/new-ticket/html.hbs",
    "fr/new-ticket/subject.hbs",
    "fr/new-ticket/text.hbs",
    "fr/partials/commands.hbs",
    "fr/partials/cut.hbs",
    "fr/partials/files-title.hbs",
    "fr/partials/greeting.hbs",
    "fr/partials/moved.hbs",
    "fr/partials/promise.hbs",
    "fr/partials/reason.html.hbs",
    "fr/partials/said-by.hbs",
    "fr/progress/html.hbs",
    "fr/progress/subject.hbs",
    "fr/progress/text.hbs",
    "fr/receipt/html.hbs",
    "fr/receipt/subject.hbs",
    "fr/receipt/text.hbs",
    "fr/resolved/html.hbs",
    "fr/resolved/subject.hbs",
    "fr/resolved/text.hbs",
    "fr/strings.toml",
    "fr/unverified/subject.hbs",
    "fr/unverified/text.hbs",
    "fr/update/html.hbs",
    "fr/update/subject.hbs",
    "fr/update/text.hbs",
    "partials/button.html.hbs",
    "partials/digest-cell.html.hbs",
    "partials/digest-chart.html.hbs",
    "partials/digest-head.html.hbs",
    "partials/digest-key.html.hbs",
    "partials/digest-line.html.hbs",
    "partials/digest-name.html.hbs",
    "partials/digest-title.html.hbs",
    "partials/digest.html.hbs",
    "partials/digest.text.hbs",
    "partials/done.html.hbs",
    "partials/fact.html.hbs",
    "partials/files.html.hbs",
    "partials/files.text.hbs",
    "partials/layout.html.hbs",
    "partials/person.html.hbs",
    "partials/signature.text.hbs",
    "partials/words.html.hbs",
    "partials/words.text.hbs",
];

/// Every file by its path, the folder's in place of ours.
pub fn files(folder: Option<&Path>) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut files: BTreeMap<String, String> = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
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
    files: &mut BTreeMap<String, String>,
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
        } else if data.is_file() && (name.ends_with(".hbs") || ["strings.toml", "digest.toml"].contains(&name)) {
            if data.len() > FILE_MAX {
                return Err(wrong(
                    &path,
                    &format!("larger than {} KiB", FILE_MAX / 1024),
                ));
            }
            let text = fs::read_to_string(&path).map_err(|error| wrong(&path, &error))?;
            files.insert(known_as, text);
        }
    }
    Ok(())
}
