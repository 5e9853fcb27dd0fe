//! What all plots share: size, background, title, legend, colours and fonts.
//!
//! The background is light and filled, so that a plot reads as well on a dark page. The legend stands between the title
//! and the data, never over it.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A part of a plot that can be drawn on.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A plot that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("drawing the plot `{title}`: {reason}")]
pub struct PlotError {
    /// The plot.
    title: String,
    /// Why.
    reason: String,
}

/// The result of drawing something.
pub type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The background.
const PAPER: RGBColor = RGBColor(253, 253, 252);
/// Text and axes.
pub const INK: RGBColor = RGBColor(38, 38, 38);
/// What can be passed over.
pub const PALE: RGBColor = RGBColor(105, 105, 105);
/// Lines of the grid.
pub const GRID: RGBColor = RGBColor(222, 222, 218);
/// The noise.
pub const BAND: RGBColor = RGBColor(205, 208, 214);

/// Colours that people with any colour vision can tell apart (Okabe and Ito), the baseline's first.
const COLOURS: [RGBColor; 7] = [
    RGBColor(70, 70, 70),
    RGBColor(213, 94, 0),
    RGBColor(0, 114, 178),
    RGBColor(0, 145, 105),
    RGBColor(190, 90, 150),
    RGBColor(200, 140, 0),
    RGBColor(70, 160, 215),
];

/// The colour of a subject by its place.
pub fn colour(place: usize) -> RGBColor {
    COLOURS[place % COLOURS.len()]
}

/// A font of this size.
pub fn font(size: u32) -> TextStyle<'static> {
    tinted(("sans-serif", size).into_text_style(&(1, 1)), INK)
}

/// The same in a colour.
pub fn tinted(style: TextStyle<'static>, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { color: colour.to_backend_color(), ..style }
}

/// Text at a place, seen from its anchor.
pub fn anchored(style: TextStyle<'static>, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    style.pos(Pos::new(horizontal, vertical))
}

/// The outside of a plot.
pub struct Frame<'a> {
    /// What it shows.
    pub title: &'a str,
    /// How it is to be read.
    pub subtitle: &'a str,
    /// Names with their colours.
    pub legend: &'a [(String, RGBColor)],
    /// Pixels.
    pub width: u32,
    /// Pixels, without title and legend.
    pub height: u32,
}

/// Pixels from the edge.
const MARGIN: i32 = 18;
/// Pixels of a line of the legend.
const LINE: u32 = 20;
/// About how wide a character is, for its size.
const CHARACTER: f64 = 0.56;

impl Frame<'_> {
    /// The plot, whose inside `draw` fills.
    pub fn draw(&self, draw: impl FnOnce(&Area<'_>) -> Drawn) -> Result<String, PlotError> {
        let mut svg = String::new();
        let lines = self.legend_lines();
        let head = 62 + LINE * lines.len() as u32;
        let drawn = (|| {
            let area = SVGBackend::with_string(&mut svg, (self.width, self.height + head)).into_drawing_area();
            area.fill(&PAPER)?;
            area.draw(&Rectangle::new([(0, 0), (self.width as i32 - 1, (self.height + head) as i32 - 1)], GRID))?;
            area.draw(&Text::new(self.title.to_owned(), (MARGIN, 14), font(19)))?;
            area.draw(&Text::new(self.subtitle.to_owned(), (MARGIN, 38), tinted(font(13), PALE)))?;
            self.draw_legend(&area, &lines)?;
            let (_, inside) = area.split_vertically(head);
            draw(&inside)?;
            area.present()
        })();
        drawn.map_err(|e| PlotError { title: self.title.to_owned(), reason: e.to_string() })?;
        Ok(svg)
    }

    /// The legend's entries by line, each with where it begins.
    fn legend_lines(&self) -> Vec<Vec<(i32, &(String, RGBColor))>> {
        let mut lines: Vec<Vec<(i32, &(String, RGBColor))>> = Vec::new();
        let mut x = i32::MAX;
        for entry in self.legend {
            let wide = 34 + (entry.0.chars().count() as f64 * 13.0 * CHARACTER) as i32;
            if x.saturating_add(wide) > self.width as i32 - MARGIN {
                lines.push(Vec::new());
                x = MARGIN;
            }
            if let Some(line) = lines.last_mut() {
                line.push((x, entry));
            }
            x += wide + 14;
        }
        lines
    }

    fn draw_legend(&self, area: &Area<'_>, lines: &[Vec<(i32, &(String, RGBColor))>]) -> Drawn {
        for (n, line) in lines.iter().enumerate() {
            let y = 62 + (LINE * n as u32) as i32;
            for (x, (name, colour)) in line {
                area.draw(&Rectangle::new([(*x, y + 1), (x + 22, y + 7)], colour.filled()))?;
                area.draw(&Text::new(name.clone(), (x + 28, y - 1), font(13)))?;
            }
        }
        Ok(())
    }
}

/// Places for the lines of a grid from `low` to `high`, about so many, at round figures.
pub fn round_steps(low: f64, high: f64, about: usize) -> Vec<f64> {
    let raw = (high - low) / about.max(1) as f64;
    if !(raw.is_finite() && raw > 0.0) {
        return vec![low];
    }
    let scale = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|n| n * scale).into_iter().find(|step| *step >= raw).unwrap_or(raw);
    let first = (low / step).ceil() as i64;
    (first..).map(|n| n as f64 * step).take_while(|at| *at <= high * (1.0 + 1e-9)).collect()
}

/// Places for the lines of a logarithmic grid: 1, 2 and 5 of each decade, or of a wide one 1 alone.
pub fn log_steps(low: f64, high: f64) -> Vec<f64> {
    let decades = (high / low).log10();
    let digits: &[f64] = if decades > 3.2 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let powers = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let all = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power)));
    let steps: Vec<f64> = all.filter(|at| (low..=high).contains(at)).collect();
    // Within less than a decade, 1, 2 and 5 may be too few to read by.
    if decades < 0.5 { round_steps(low, high, 6) } else { steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_have_round_figures() {
        assert_eq!(round_steps(0.0, 1700.0, 6), [0.0, 500.0, 1000.0, 1500.0]);
        assert_eq!(round_steps(1.0, 1.0, 6), [1.0]);
        assert_eq!(log_steps(0.2, 30.0), [0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(log_steps(0.1, 1000.0), [0.1, 1.0, 10.0, 100.0, 1000.0]);
        assert!(log_steps(0.9, 1.2).len() > 4);
    }

    #[test]
    fn names_that_do_not_fit_go_to_the_next_line_of_the_legend() {
        let legend: Vec<_> = (0..6).map(|n| (format!("an-image-with-a-name-{n}+mimalloc"), INK)).collect();
        let frame = Frame { title: "t", subtitle: "s", legend: &legend, width: 700, height: 10 };
        let lines = frame.legend_lines();
        assert!(lines.len() > 1 && lines.iter().map(Vec::len).sum::<usize>() == 6);
    }
}
