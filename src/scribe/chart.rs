//! Charts of a digest as PNG: columns for eight weeks, bars for priorities and categories.
//!
//! Drawn as SVG, on whole pixels, so that heights and lengths are exact; resvg makes pixels of it, DejaVu Sans (bundled) the letters.
//! On a ground of their own, so that they read the same in dark mode. What they show stands in tables and sentences as well.

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{self, fontdb};

/// Pixels of a chart's width: twice what is shown, for dense screens. It stands beside its table, and above it on a telephone.
pub const WIDTH: u32 = 512;
/// How many pixels are shown as one.
pub const DENSITY: u32 = 2;
/// Height of the chart of weeks.
const WEEKS_HEIGHT: u32 = 396;
/// Where columns stand, and how high the highest is.
pub const GROUND: u32 = 346;
/// The highest column.
pub const COLUMN_MAX: u32 = 250;
/// Width of a column.
pub const COLUMN: u32 = 18;
/// Where the first week begins.
const LEFT: u32 = 8;
/// Room behind the last week, for the number of what is open.
const RIGHT: u32 = 64;
/// Height of one bar with its space: a row of the table beside it.
const ROW: u32 = 44;
/// Thickness of a bar.
pub const BAR: u32 = 24;
/// Where bars begin; names stand before.
pub const BARS_LEFT: u32 = 264;
/// The longest bar.
pub const BAR_MAX: u32 = 176;
/// Where the first bar begins, below the legend: as high as the head of the table.
const BARS_TOP: u32 = 46;
/// Characters of a name before the bars.
const NAME_MAX: usize = 16;
/// Size of letters: 13 pixels of a page, more on a telephone, where the chart is as wide as the screen.
const PRINT: u32 = 26;
/// Pixels a letter of that size takes; DejaVu Sans is about 0.58 em wide.
const LETTER: u32 = 15;

/// Blue, green and vermilion that people with colour blindness tell apart (Okabe and Ito, 2008).
pub const BLUE: &str = "#0072b2";
/// Solved.
pub const GREEN: &str = "#009e73";
/// Open; what is usual.
pub const RED: &str = "#d55e00";
const INK: &str = "#1d232a";
const SOFT: &str = "#5a6470";

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
});

/// A chart that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The PNG file.
    pub png: Vec<u8>,
    /// Its height in pixels; the width is `WIDTH`.
    pub height: u32,
}

/// One week of the chart.
#[derive(Clone, Debug)]
pub struct Week {
    /// Its first day, short.
    pub label: String,
    /// Opened.
    pub came_in: u32,
    /// Solved.
    pub solved: u32,
    /// Open at the end.
    pub open: u32,
}

/// One bar of a chart.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is.
    pub name: String,
    /// Its length.
    pub count: u32,
    /// What is usual, in tenths: a mark beside the bar.
    pub usual_tenths: u32,
}

/// A chart could not be drawn.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a chart cannot be drawn: {0}")]
pub struct NotDrawn(String);

/// Columns for what came in and was solved, and a line for what was open, week by week. `names` are those of the three.
pub fn weeks(weeks: &[Week], names: [&str; 3]) -> Result<Chart, NotDrawn> {
    let highest = weeks
        .iter()
        .flat_map(|week| [week.came_in, week.solved, week.open])
        .max();
    let highest = highest.unwrap_or(0).max(1);
    let mut svg = opened(WEEKS_HEIGHT);
    legend(
        &mut svg,
        &[(names[0], BLUE), (names[1], GREEN), (names[2], RED)],
    );
    let ground = GROUND;
    // What the highest stands for; every other number stands in the table beside.
    let top = ground - COLUMN_MAX;
    text(&mut svg, LEFT, top - 8, SOFT, "start", &highest.to_string());
    for (y, height, colour) in [(top, 1, "#c9d0d8"), (ground, 2, SOFT)] {
        let _ = write!(
            svg,
            r#"<rect x="{LEFT}" y="{y}" width="{}" height="{height}" fill="{colour}"/>"#,
            WIDTH - LEFT - RIGHT
        );
    }
    let mut line = Vec::new();
    let last = u32::try_from(weeks.len()).unwrap_or(1).saturating_sub(1);
    for (place, week) in (0..).zip(weeks) {
        let x = week_left(place, weeks.len());
        let middle = x + COLUMN + 2;
        for (left, count, colour) in [
            (x, week.came_in, BLUE),
            (x + COLUMN + 4, week.solved, GREEN),
        ] {
            let height = scaled(count, highest, COLUMN_MAX);
            // A rectangle of no height is none (SVG 1.1, 9.2), and resvg warns of it.
            if height > 0 {
                let y = ground - height;
                let _ = write!(
                    svg,
                    r#"<rect x="{left}" y="{y}" width="{COLUMN}" height="{height}" fill="{colour}"/>"#
                );
            }
        }
        line.push((
            middle,
            ground - scaled(week.open, highest, COLUMN_MAX),
            week.open,
        ));
        // There is room for every second one; the last is the week the digest is about.
        if last.saturating_sub(place).is_multiple_of(2) {
            text(&mut svg, middle, ground + 36, SOFT, "middle", &week.label);
        }
    }
    let points: Vec<String> = line.iter().map(|(x, y, _)| format!("{x},{y}")).collect();
    let _ = write!(
        svg,
        r#"<polyline points="{}" fill="none" stroke="{RED}" stroke-width="4" stroke-linejoin="round"/>"#,
        points.join(" ")
    );
    for (x, y, _) in &line {
        let _ = write!(
            svg,
            r##"<circle cx="{x}" cy="{y}" r="7" fill="{RED}" stroke="#ffffff" stroke-width="3"/>"##
        );
    }
    if let Some((_, y, open)) = line.last() {
        text(
            &mut svg,
            WIDTH - RIGHT + 6,
            y + 9,
            RED,
            "start",
            &open.to_string(),
        );
    }
    drawn(svg, WEEKS_HEIGHT)
}

/// A bar for each, with a mark at what is usual. `names` are those of the two.
pub fn bars(bars: &[Bar], names: [&str; 2]) -> Result<Chart, NotDrawn> {
    let longest = bars
        .iter()
        .map(|bar| (bar.count * 10).max(bar.usual_tenths))
        .max();
    let longest = longest.unwrap_or(0).max(10);
    let rows = u32::try_from(bars.len()).unwrap_or(u32::MAX);
    let height = BARS_TOP + rows * ROW + 4;
    let mut svg = opened(height);
    legend(&mut svg, &[(names[0], BLUE), (names[1], RED)]);
    for (row, bar) in (0..).zip(bars) {
        let top = bar_top(row);
        let length = scaled(bar.count * 10, longest, BAR_MAX);
        let mark = BARS_LEFT + scaled(bar.usual_tenths, longest, BAR_MAX);
        text(
            &mut svg,
            BARS_LEFT - 12,
            top + 21,
            INK,
            "end",
            &shortened(&bar.name),
        );
        if length > 0 {
            let _ = write!(
                svg,
                r#"<rect x="{BARS_LEFT}" y="{top}" width="{length}" height="{BAR}" fill="{BLUE}"/>"#
            );
        }
        let behind = (BARS_LEFT + length).max(mark);
        let _ = write!(
            svg,
            r#"<rect x="{}" y="{}" width="6" height="{}" fill="{RED}"/>"#,
            mark,
            top - 5,
            BAR + 10
        );
        text(
            &mut svg,
            behind + 14,
            top + 21,
            INK,
            "start",
            &bar.count.to_string(),
        );
    }
    drawn(svg, height)
}

/// Where the columns of a week begin.
pub fn week_left(place: u32, weeks: usize) -> u32 {
    let weeks = u32::try_from(weeks.max(1)).unwrap_or(1);
    let step = (WIDTH - LEFT - RIGHT) / weeks;
    LEFT + place * step + (step.saturating_sub(2 * COLUMN + 4)) / 2
}

/// Where the bar of a row begins.
pub fn bar_top(row: u32) -> u32 {
    BARS_TOP + row * ROW + (ROW - BAR) / 2
}

/// The pixels that stand for `count` when `highest` takes all of `room`, to the nearest.
pub fn scaled(count: u32, highest: u32, room: u32) -> u32 {
    let highest = u64::from(highest.max(1));
    let pixels = (u64::from(count) * u64::from(room) + highest / 2) / highest;
    u32::try_from(pixels).unwrap_or(room)
}

fn opened(height: u32) -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="DejaVu Sans">"##
    )
}

fn legend(svg: &mut String, entries: &[(&str, &str)]) {
    let mut x = LEFT;
    for (name, colour) in entries {
        let _ = write!(
            svg,
            r#"<rect x="{x}" y="12" width="20" height="20" fill="{colour}"/>"#
        );
        text(svg, x + 28, 31, SOFT, "start", name);
        x += 44 + u32::try_from(name.chars().count()).unwrap_or(20).min(20) * LETTER;
    }
}

fn text(svg: &mut String, x: u32, y: u32, colour: &str, anchor: &str, words: &str) {
    let words = super::helpers::escape(words);
    let _ = write!(
        svg,
        r#"<text x="{x}" y="{y}" font-size="{PRINT}" fill="{colour}" text-anchor="{anchor}">{words}</text>"#
    );
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    name.chars().take(NAME_MAX - 1).chain(['…']).collect()
}

fn drawn(mut svg: String, height: u32) -> Result<Chart, NotDrawn> {
    svg.push_str("</svg>");
    let failed = |error: &dyn std::fmt::Display| NotDrawn(error.to_string());
    let options = usvg::Options {
        fontdb: FONTS.clone(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(&svg, &options).map_err(|error| failed(&error))?;
    let mut pixels = Pixmap::new(WIDTH, height).ok_or_else(|| failed(&"it has no size"))?;
    pixels.fill(Color::WHITE);
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    Ok(Chart {
        png: encoded(&pixels).map_err(|error| failed(&error))?,
        height,
    })
}

/// As RGB: nothing is transparent, and it is a third smaller than what tiny-skia writes.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let rgb: Vec<u8> = pixels
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(chart: &Chart) -> impl Fn(u32, u32) -> [u8; 3] {
        let decoder = png::Decoder::new(std::io::Cursor::new(chart.png.clone()));
        let mut reader = decoder.read_info().unwrap();
        let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut buffer).unwrap();
        move |x, y| {
            let at = ((y * WIDTH + x) * 3) as usize;
            [buffer[at], buffer[at + 1], buffer[at + 2]]
        }
    }

    fn colour(hex: &str) -> [u8; 3] {
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        [part(1), part(3), part(5)]
    }

    #[test]
    fn columns_are_as_high_as_the_counts_say() {
        let counts = [
            (12, 3, 30),
            (0, 7, 24),
            (30, 30, 24),
            (1, 0, 25),
            (17, 19, 23),
            (5, 5, 23),
            (9, 10, 22),
            (22, 8, 36),
        ];
        let week = |(came_in, solved, open)| Week {
            label: "16/11".to_owned(),
            came_in,
            solved,
            open,
        };
        let weeks: Vec<Week> = counts.into_iter().map(week).collect();
        let chart = super::weeks(&weeks, ["Reçus", "Résolus", "Ouverts"]).unwrap();
        let at = pixels(&chart);
        for (place, week) in (0..).zip(&weeks) {
            for (x, count, hue) in [
                (week_left(place, 8) + 2, week.came_in, BLUE),
                (week_left(place, 8) + 2 * COLUMN + 1, week.solved, GREEN),
            ] {
                // At the column's outer edge, where the line of what is open does not run at its end.
                let height = (GROUND - COLUMN_MAX..GROUND)
                    .filter(|y| at(x, *y) == colour(hue))
                    .count();
                let expected = (f64::from(count) / 36.0 * f64::from(COLUMN_MAX)).round();
                let covered = (0..GROUND).filter(|y| {
                    let pixel = at(x, *y);
                    pixel != colour(hue)
                        && pixel != [255, 255, 255]
                        && f64::from(GROUND - y) <= expected
                });
                assert_eq!(
                    (height + covered.count()) as f64,
                    expected,
                    "week {place}, {hue}"
                );
            }
            let open =
                GROUND - (f64::from(week.open) / 36.0 * f64::from(COLUMN_MAX)).round() as u32;
            assert_eq!(
                at(week_left(place, 8) + COLUMN + 2, open),
                colour(RED),
                "week {place}: the point"
            );
        }
    }

    #[test]
    fn bars_are_as_long_as_the_counts_say_and_marked_at_what_is_usual() {
        let bar = |name: &str, count, usual_tenths| Bar {
            name: name.to_owned(),
            count,
            usual_tenths,
        };
        let rows = [
            bar("P1", 2, 45),
            bar("P2", 20, 125),
            bar("P3", 0, 0),
            bar("P4 <&>", 7, 10),
        ];
        let chart = bars(&rows, ["Cette période", "D’habitude"]).unwrap();
        let at = pixels(&chart);
        for (row, bar) in (0..).zip(&rows) {
            let y = bar_top(row) + BAR / 2;
            let mark = BARS_LEFT
                + (f64::from(bar.usual_tenths) / 200.0 * f64::from(BAR_MAX)).round() as u32;
            let expected = (f64::from(bar.count) / 20.0 * f64::from(BAR_MAX)).round() as u32;
            let length = (0..WIDTH).filter(|x| at(*x, y) == colour(BLUE)).count() as u32;
            let hidden = (mark..mark + 6)
                .filter(|x| *x < BARS_LEFT + expected)
                .count() as u32;
            assert_eq!(length + hidden, expected, "{}", bar.name);
            let marked: Vec<u32> = (BARS_LEFT..WIDTH)
                .filter(|x| at(*x, bar_top(row) - 3) == colour(RED))
                .collect();
            assert_eq!(
                (marked.first(), marked.len()),
                (Some(&mark), 6),
                "{}",
                bar.name
            );
        }
        assert!(chart.png.len() < 20_000, "{}", chart.png.len());
    }

    #[test]
    fn nothing_at_all_can_be_drawn() {
        assert!(weeks(&[], ["a", "b", "c"]).is_ok());
        assert!(bars(&[], ["a", "b"]).is_ok());
    }
}
