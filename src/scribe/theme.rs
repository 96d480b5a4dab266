//! The colours and the logo of letters, as the configuration wants them.
//!
//! Promises that text stays readable whatever colour is configured: it is darkened, and for dark mode
//! lightened, until WCAG 2.1 (1.4.3) is content. Nothing is fetched from a network: a logo travels in the letter.

use std::fs;
use std::path::Path;

use super::TemplateError;

/// The colour of links and buttons when none is configured.
const ACCENT: Colour = Colour([0x1a, 0x5f, 0x9e]);
/// The lightest of the backgrounds on which the colour is text, and the lightest of those of dark mode.
/// Both stand in `partials/style.html.hbs` as well.
const PAPER: Colour = Colour([0xf3, 0xf4, 0xf6]);
const DARK_PAPER: Colour = Colour([0x26, 0x2c, 0x33]);
/// WCAG 2.1, 1.4.3: what text needs.
const CONTRAST_MIN: f64 = 4.5;
/// A logo goes out with every letter, so it has to be small.
const LOGO_MAX: u64 = 32 * 1024;
/// How high a logo is shown at most, in CSS pixels.
const LOGO_HEIGHT: u32 = 40;
/// How wide at most: the column less its margins.
const LOGO_WIDTH: u32 = 280;

/// What letters look like.
#[derive(Clone, Debug)]
pub struct Theme {
    accent: String,
    accent_dark: String,
    /// The picture above every letter.
    pub logo: Option<Logo>,
}

/// A picture that goes with every letter in HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// A PNG.
    pub bytes: Vec<u8>,
    /// How high it is shown, in CSS pixels.
    pub height: u32,
}

impl Theme {
    /// The theme for a colour (`#rrggbb`) and the file of a logo. The error names the file.
    pub fn load(accent: Option<&str>, logo: Option<&Path>) -> Result<Self, TemplateError> {
        let accent = match accent {
            Some(text) => Colour::parse(text).ok_or_else(|| {
                let reason = format!("`{text}` is not a colour such as #1a5f9e");
                TemplateError::new("templates.accent", None, reason)
            })?,
            None => ACCENT,
        };
        let logo = logo.map(Logo::load).transpose()?;
        Ok(Self {
            accent: accent.readable_on(PAPER).to_string(),
            accent_dark: accent.readable_on(DARK_PAPER).to_string(),
            logo,
        })
    }

    /// The value of `theme.NAME` in a template.
    pub fn value(&self, name: &str) -> Option<&str> {
        match name {
            "accent" => Some(&self.accent),
            "accent_dark" => Some(&self.accent_dark),
            _ => None,
        }
    }
}

impl Logo {
    fn load(file: &Path) -> Result<Self, TemplateError> {
        let wrong = |reason: String| TemplateError::new(&file.display().to_string(), None, reason);
        let size = fs::metadata(file).map_err(|error| wrong(error.to_string()))?;
        if size.len() > LOGO_MAX {
            return Err(wrong(format!(
                "a logo goes out with every letter and may have {} KiB at most",
                LOGO_MAX / 1024
            )));
        }
        let bytes = fs::read(file).map_err(|error| wrong(error.to_string()))?;
        let (width, height) = dimensions(&bytes)
            .filter(|(width, height)| (1..10_000).contains(width) && (1..10_000).contains(height))
            .ok_or_else(|| {
                wrong("not a PNG; mail clients show no other logo reliably".to_owned())
            })?;
        let shown = height
            .min(LOGO_HEIGHT)
            .min((LOGO_WIDTH * height / width).max(1));
        Ok(Self {
            height: shown,
            bytes,
        })
    }
}

/// Width and height as a PNG's first chunk has them (PNG specification, 11.2.1).
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")?;
    let (width, rest) = rest.split_first_chunk::<4>()?;
    let (height, _) = rest.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Colour([u8; 3]);

impl Colour {
    /// `#1a5f9e`.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| {
            digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        })?;
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// WCAG 2.1, relative luminance.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// WCAG 2.1, contrast ratio.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The nearest colour of the same hue that can be read on `paper`: darker on a light one, lighter on a dark one.
    fn readable_on(self, paper: Self) -> Self {
        let target = if paper.luminance() > 0.5 { 0 } else { 255 };
        // Text on a button of this colour is the paper's opposite, so both want a little more than the least.
        (0..=20)
            .map(|step| self.towards(target, step))
            .find(|colour| colour.contrast(paper) >= CONTRAST_MIN)
            .unwrap_or(Self([target; 3]))
    }

    /// So many twentieths of the way to grey `target`.
    fn towards(self, target: u8, step: u16) -> Self {
        Self(self.0.map(|part| {
            let mixed = (u16::from(part) * (20 - step) + u16::from(target) * step) / 20;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        }))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_colour_ends_readable() {
        assert!((Colour([0; 3]).contrast(Colour([255; 3])) - 21.0).abs() < 0.01);
        assert_eq!(ACCENT.readable_on(PAPER), ACCENT);
        for accent in [
            "#000000", "#ffffff", "#ffee00", "#e30613", "#1a5f9e", "#808080",
        ] {
            let accent = Colour::parse(accent).unwrap();
            for paper in [PAPER, DARK_PAPER] {
                let readable = accent.readable_on(paper);
                assert!(
                    readable.contrast(paper) >= CONTRAST_MIN,
                    "{accent} {readable}"
                );
            }
        }
        for wrong in ["1a5f9e", "#1a5f9", "#1a5f9g", "#+1a5f9", "red"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_logo_is_a_small_png() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("logo.png");
        let png = |width: u32, height: u32| {
            let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            bytes.extend(width.to_be_bytes());
            bytes.extend(height.to_be_bytes());
            bytes
        };
        for (size, shown) in [((400, 80), 40), ((20, 10), 10), ((4000, 100), 7)] {
            fs::write(&file, png(size.0, size.1)).unwrap();
            let logo = Logo::load(&file).unwrap();
            assert_eq!(logo.height, shown);
        }
        for wrong in [b"GIF89a".to_vec(), png(0, 5), vec![0; 40_000]] {
            fs::write(&file, wrong).unwrap();
            let error = Logo::load(&file).unwrap_err();
            assert!(error.to_string().contains("logo.png: "), "{error}");
        }
    }
}
