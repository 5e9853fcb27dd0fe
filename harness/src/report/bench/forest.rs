//! A plot of ratios with their intervals: a row for each workload, a mark for each subject, a logarithmic axis.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{self, Area, BAND, Drawn, Frame, GRID, INK, PALE, PlotError, anchored, font, tinted};
use super::figure;
use crate::bench::statistics::Interval;

/// The plot.
pub struct Forest {
    /// What it shows.
    pub title: String,
    /// How it is to be read.
    pub subtitle: String,
    /// What the axis counts.
    pub axis: String,
    /// Names with their colours, by place.
    pub series: Vec<(String, RGBColor)>,
    /// The rows, from the top.
    pub rows: Vec<Row>,
    /// Lines that mean something, with their names.
    pub lines: Vec<(f64, &'static str)>,
}

/// One row.
pub struct Row {
    /// What it is about.
    pub label: String,
    /// What chance does, shaded.
    pub band: Option<Interval>,
    /// What is compared.
    pub marks: Vec<Mark>,
}

/// One ratio.
pub struct Mark {
    /// The place of its series.
    pub series: usize,
    /// The ratio.
    pub ratio: Interval,
    /// Whether it is a ratio to rely on; one that is not is drawn hollow.
    pub told: bool,
}

const WIDTH: u32 = 940;
const LEFT: i32 = 196;
const RIGHT: i32 = 84;
const TOP: i32 = 26;
const BOTTOM: i32 = 52;
/// Pixels of a mark and of the space between rows.
const MARK: i32 = 17;
const SPACE: i32 = 7;

/// From ratios and rows to pixels.
struct Scale {
    low: f64,
    high: f64,
    row: i32,
    rows: usize,
}

impl Scale {
    fn x(&self, ratio: f64) -> i32 {
        let inside = (WIDTH as i32 - LEFT - RIGHT) as f64;
        let share = (ratio / self.low).ln() / (self.high / self.low).ln();
        LEFT + (share.clamp(0.0, 1.0) * inside).round() as i32
    }

    fn top(&self, row: usize) -> i32 {
        TOP + self.row * row as i32
    }

    fn bottom(&self) -> i32 {
        self.top(self.rows)
    }
}

impl Forest {
    /// The plot as SVG.
    pub fn draw(&self) -> Result<String, PlotError> {
        let scale = self.scale();
        let height = (scale.bottom() + BOTTOM) as u32;
        let frame = Frame { title: &self.title, subtitle: &self.subtitle, legend: &self.series, width: WIDTH, height };
        frame.draw(|area| {
            self.grid(area, &scale)?;
            self.rows.iter().enumerate().try_for_each(|(n, row)| self.row(area, &scale, n, row))
        })
    }

    fn scale(&self) -> Scale {
        let bands = self.rows.iter().filter_map(|row| row.band.as_ref());
        let marks = self.rows.iter().flat_map(|row| row.marks.iter().map(|mark| &mark.ratio));
        let ends = bands.chain(marks).flat_map(|i| [i.low, i.high]).chain(self.lines.iter().map(|(at, _)| *at));
        let ends: Vec<f64> = ends.filter(|end| end.is_finite() && *end > 0.0).collect();
        let low = ends.iter().copied().fold(0.95, f64::min) / 1.08;
        let high = ends.iter().copied().fold(1.05, f64::max) * 1.08;
        let most = self.rows.iter().map(|row| row.marks.len()).max().unwrap_or(1).max(1);
        Scale { low, high, row: MARK * most as i32 + SPACE, rows: self.rows.len() }
    }

    fn grid(&self, area: &Area<'_>, scale: &Scale) -> Drawn {
        let (top, bottom) = (scale.top(0), scale.bottom());
        for n in (1..scale.rows).step_by(2) {
            let corners = [(LEFT - 186, scale.top(n)), (WIDTH as i32 - 8, scale.top(n + 1))];
            area.draw(&Rectangle::new(corners, RGBColor(246, 246, 243).filled()))?;
        }
        for at in canvas::log_steps(scale.low, scale.high) {
            let x = scale.x(at);
            area.draw(&PathElement::new([(x, top), (x, bottom)], GRID))?;
            let text = format!("{}", (at * 1e6).round() / 1e6);
            area.draw(&Text::new(text, (x, bottom + 6), anchored(font(13), HPos::Center, VPos::Top)))?;
        }
        for (at, name) in &self.lines {
            let x = scale.x(*at);
            area.draw(&PathElement::new([(x, top - 4), (x, bottom + 3)], INK.stroke_width(1)))?;
            let style = anchored(tinted(font(12), PALE), HPos::Center, VPos::Bottom);
            area.draw(&Text::new((*name).to_owned(), (x, top - 6), style))?;
        }
        let middle = (LEFT + WIDTH as i32 - RIGHT) / 2;
        area.draw(&Text::new(self.axis.clone(), (middle, bottom + 28), anchored(font(13), HPos::Center, VPos::Top)))
    }

    fn row(&self, area: &Area<'_>, scale: &Scale, n: usize, row: &Row) -> Drawn {
        let (top, bottom) = (scale.top(n), scale.top(n + 1));
        if let Some(band) = &row.band {
            let corners = [(scale.x(band.low), top + 2), (scale.x(band.high).max(scale.x(band.low) + 2), bottom - 2)];
            area.draw(&Rectangle::new(corners, BAND.filled()))?;
        }
        let middle = (top + bottom) / 2;
        let label = anchored(font(13), HPos::Right, VPos::Center);
        area.draw(&Text::new(row.label.clone(), (LEFT - 12, middle), label))?;
        let first = middle - MARK * (row.marks.len() as i32 - 1) / 2;
        for (k, Mark { series, ratio: interval, told }) in row.marks.iter().enumerate() {
            let y = first + MARK * k as i32;
            let colour = self.series.get(*series).map_or(INK, |(_, colour)| *colour);
            let (low, high) = (scale.x(interval.low), scale.x(interval.high));
            area.draw(&PathElement::new([(low, y), (high, y)], colour.stroke_width(2)))?;
            for end in [low, high] {
                area.draw(&PathElement::new([(end, y - 4), (end, y + 4)], colour.stroke_width(2)))?;
            }
            let middle = (scale.x(interval.median), y);
            area.draw(&Circle::new(middle, 5, colour.filled()))?;
            if !told {
                area.draw(&Circle::new(middle, 3, WHITE.filled()))?;
            }
            let style = anchored(tinted(font(13), colour), HPos::Right, VPos::Center);
            area.draw(&Text::new(figure::ratio(interval.median), (WIDTH as i32 - 16, y), style))?;
        }
        // Nothing to show is shown as such.
        if row.marks.is_empty() {
            let style = anchored(tinted(font(12), PALE), HPos::Left, VPos::Center);
            area.draw(&Text::new("no ratio".to_owned(), (LEFT + 6, middle), style))?;
        }
        Ok(())
    }
}
