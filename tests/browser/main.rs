//! Letters in a browser: every notice in every language, light and dark, on a telephone and on a desk, with and
//! without pictures.
//!
//! A script in the page measures overflow, contrast, alternative texts and sizes (`measure.js`). Pictures
//! of all letters are left in the folder that is printed, for a person to look at. Needs Debian's chromium;
//! `tests/run browser` installs it.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use mail_parser::MimeHeaders;

/// CSS pixels: a telephone, and a window in which the column of 600 has its margins.
const WIDTHS: [u32; 2] = [375, 700];
/// What a manager sees of a mail at once, in CSS pixels.
const SCREEN: (u32, u32) = (700, 900);
/// What a company's logo adds on top.
const LOGO: u32 = 60;
/// One run of the browser has never taken longer than a quarter of this.
const PATIENCE: Duration = Duration::from_secs(240);
const SCHEMES: [&str; 2] = ["light", "dark"];

/// The sample letters in HTML, by their name: `fr-update-full`.
fn letters(folder: &Path) -> BTreeMap<String, String> {
    let logo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/logo.png");
    let config = format!(
        "[desk.support]\naddress = \"support@example.org\"\nname = \"Support\"\n\
         [desk.support.courier]\nkind = \"maildir\"\npath = \"Sent\"\n[templates]\nlogo = {logo:?}\naccent = \"#f0b400\"\n"
    );
    let file = folder.join("with-logo.toml");
    fs::write(&file, config).unwrap();
    let mut letters = BTreeMap::new();
    for (prefix, arguments) in [
        ("", vec![]),
        ("logo-", vec!["--config", file.to_str().unwrap()]),
    ] {
        let output = folder.join(format!("{prefix}preview"));
        let done = Command::new(env!("CARGO_BIN_EXE_guichet"))
            .args(["templates", "preview", "all", "--output"])
            .arg(&output)
            .args(&arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        for entry in fs::read_dir(&output).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "html") {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                let html = fs::read_to_string(&path).unwrap();
                assert!(html.len() < 80 * 1024, "{name} has {} bytes", html.len());
                let html = match name.ends_with("-digest-full") {
                    true => with_charts(html, &path.with_extension("eml")),
                    false => html,
                };
                letters.insert(format!("{prefix}{name}"), html);
            }
        }
    }
    // A mail client takes the logo out of the letter; here it is put where the letter names it.
    let source = format!(
        "data:image/png;base64,{}",
        BASE64.encode(&fs::read(logo).unwrap())
    );
    for (name, html) in &mut letters {
        assert_eq!(
            html.contains("cid:logo@"),
            name.starts_with("logo-"),
            "{name}"
        );
        *html = html.replace("cid:logo@guichet.invalid", &source);
    }
    letters
}

/// Puts the charts of a digest where it names them, as a mail client does, and looks at the weight of the whole.
fn with_charts(html: String, letter: &Path) -> String {
    let bytes = fs::read(letter).unwrap();
    assert!(
        bytes.len() < 150 * 1024,
        "{} bytes: {}",
        bytes.len(),
        letter.display()
    );
    let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    let charts = mail
        .attachments()
        .filter_map(|part| Some((part.content_id()?, part.contents())))
        .filter(|(id, _)| !id.starts_with("logo@"));
    let mut shown = 0;
    let html = charts.fold(html, |html, (id, png)| {
        let place = format!("cid:{id}");
        shown += html.matches(&place).count();
        let source = format!("data:image/png;base64,{}", BASE64.encode(png));
        html.replace(&place, &source)
    });
    assert!(shown >= 3, "three charts: {}", letter.display());
    html
}

/// A page with letters beside one another, each as wide as said.
fn page<'a>(
    letters: impl Iterator<Item = (&'a String, &'a String)>,
    widths: &[u32],
    scheme: &str,
) -> String {
    let mut page = format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><style>:root {{ color-scheme: light dark; }} body {{ margin: 0; }} \
         iframe {{ border: 0; margin: 4px; vertical-align: top; height: 860px; }} pre {{ display: none; }}</style>\
         <script>{}</script></head><body data-scheme=\"{scheme}\">",
        include_str!("measure.js")
    );
    for (name, html) in letters {
        let html = html.replace('&', "&amp;").replace('"', "&quot;");
        for width in widths {
            // "At most two screens": of a window in which a mail is read.
            let is_bound = name.ends_with("-digest-full") && *width == SCREEN.0;
            let tallest = match is_bound {
                true => 2 * SCREEN.1 + if name.starts_with("logo-") { LOGO } else { 0 },
                false => u32::MAX,
            };
            page.push_str(&format!(
                "<iframe data-tallest=\"{tallest}\" title=\"{name} {width}\" style=\"width:{width}px\" srcdoc=\"{html}\"></iframe>"
            ));
        }
    }
    page.push_str("<pre id=\"result\"></pre></body></html>");
    page
}

/// A browser of its own with an empty profile, which talks to nobody.
struct Browser {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Browser {
    fn new() -> Self {
        let places = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];
        let program = places
            .map(PathBuf::from)
            .into_iter()
            .find(|place| place.exists());
        Self {
            program: program.expect("chromium is missing: `tests/run browser` installs it"),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Opens `page` with these options; gives what it wrote to standard output.
    fn open(&self, page: &Path, scheme: &str, options: &[String]) -> String {
        // Blink counts its colour schemes: 0 is dark, 1 is light.
        let number = u8::from(scheme == "light");
        let output = self.folder.path().join("output");
        let mut child = Command::new(&self.program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--hide-scrollbars",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args(["--disable-dev-shm-usage", "--virtual-time-budget=20000"])
            .arg(format!(
                "--user-data-dir={}",
                self.folder.path().join("profile").display()
            ))
            .arg(format!(
                "--blink-settings=preferredColorScheme={number}{}",
                if options.contains(&"no-pictures".to_owned()) {
                    ",imagesEnabled=false"
                } else {
                    ""
                }
            ))
            .args(options.iter().filter(|option| option.starts_with("--")))
            .arg(format!("file://{}", page.display()))
            .stdin(Stdio::null())
            .stdout(fs::File::create(&output).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "chromium: {status}");
                return fs::read_to_string(&output).unwrap();
            }
            if began.elapsed() > PATIENCE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("chromium did not end within {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the script in the page found.
    fn measure(&self, page: &str, scheme: &str, pictures: bool) -> Vec<String> {
        let file = self.folder.path().join("page.html");
        let seen = format!("<body data-pictures=\"{pictures}\"");
        fs::write(&file, page.replacen("<body", &seen, 1)).unwrap();
        let mut options = vec!["--dump-dom".to_owned()];
        options.extend((!pictures).then(|| "no-pictures".to_owned()));
        let dom = self.open(&file, scheme, &options);
        let result = dom
            .rsplit_once("<pre id=\"result\">")
            .expect("the page was shown")
            .1;
        let result = result.split("</pre>").next().unwrap();
        result.lines().map(str::to_owned).collect()
    }

    /// Leaves a picture of the page.
    fn picture(&self, page: &str, scheme: &str, size: (u32, u32), file: &Path) {
        let source = self.folder.path().join("picture.html");
        fs::write(&source, page).unwrap();
        let size = format!("--window-size={},{}", size.0, size.1);
        self.open(
            &source,
            scheme,
            &[format!("--screenshot={}", file.display()), size],
        );
        assert!(
            fs::metadata(file).unwrap().len() > 10_000,
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_letter_can_be_read_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let letters = letters(folder.path());
    assert!(letters.len() > 200, "{} letters", letters.len());
    let browser = Browser::new();
    let mut faults = Vec::new();
    for (scheme, pictures) in [("light", true), ("dark", true), ("light", false)] {
        let lines = browser.measure(&page(letters.iter(), &WIDTHS, scheme), scheme, pictures);
        let seen = lines
            .iter()
            .filter(|line| line.starts_with("SEEN "))
            .count();
        assert_eq!(
            seen,
            letters.len() * WIDTHS.len(),
            "{scheme}: every letter was looked at"
        );
        let wrong = lines.iter().filter(|line| line.starts_with("FAULT "));
        faults.extend(wrong.map(|line| format!("{scheme}, pictures {pictures}: {line}")));
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn the_measuring_script_finds_faults() {
    let faulty = "<html><head></head><body style='background:#fff'><img src='http://x.example/a.png'><table><tr><td>one</td></tr></table>\
                  <p style='color:#999'>two</p><p style='white-space:nowrap;font-size:9px'>three three three three three three three three three three \
                  three three three three three three three three three three three three three three three three</p>\
                  <a href='https://x.example/'></a></body></html>";
    let letters = BTreeMap::from([("faulty".to_owned(), faulty.to_owned())]);
    let found = Browser::new()
        .measure(&page(letters.iter(), &[375], "dark"), "dark", true)
        .join("\n");
    for fault in [
        "px wide in 375",
        "no lang",
        "no title",
        "not in dark",
        "without alt",
        "remote picture",
        "without its role",
        "without words",
        "to elsewhere",
        "contrast 2.",
        "9px",
    ] {
        assert!(found.contains(fault), "{fault} in {found}");
    }
}

#[test]
fn pictures_are_left_for_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let letters = letters(folder.path());
    let shown = Path::new(env!("CARGO_TARGET_TMPDIR")).join("letters");
    fs::create_dir_all(&shown).unwrap();
    let browser = Browser::new();
    for locale in ["de", "en", "es", "fr", "it", "nl"] {
        let theirs = |name: &&String| {
            name.starts_with(&format!("{locale}-"))
                && (name.ends_with("-full") || name.ends_with("message-watcher"))
        };
        for scheme in SCHEMES {
            for width in WIDTHS {
                let some = letters.iter().filter(|(name, _)| theirs(name));
                let sheet = page(some, &[width], scheme);
                let file = shown.join(format!("{locale}-{scheme}-{width}.png"));
                browser.picture(&sheet, scheme, ((width + 8) * 4 + 16, 2_600), &file);
            }
        }
    }
    let with_logo = letters
        .iter()
        .filter(|(name, _)| name.starts_with("logo-fr") && name.ends_with("-full"));
    for (scheme, pictures) in [("light", true), ("dark", true), ("light", false)] {
        let file = shown.join(format!(
            "logo-{scheme}{}.png",
            if pictures { "" } else { "-no-pictures" }
        ));
        let sheet = page(with_logo.clone().take(4), &[375], scheme);
        let source = folder.path().join("logo.html");
        fs::write(&source, &sheet).unwrap();
        let mut options = vec![
            format!("--screenshot={}", file.display()),
            "--window-size=1550,1000".to_owned(),
        ];
        options.extend((!pictures).then(|| "no-pictures".to_owned()));
        browser.open(&source, scheme, &options);
    }
    println!("pictures of all letters: {}", shown.display());
}
