//! The plot of memory over time: one line for each subject, and a thin one for what the workload itself held.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{self, Area, Drawn, Frame, GRID, PALE, PlotError, anchored, colour, font};
use super::told;
use crate::bench::block::{Block, Mode};
use crate::bench::file::{BenchFile, Measured};
use crate::bench::workload::{Kind, label};

const WIDTH: u32 = 940;
const HEIGHT: u32 = 400;
const LEFT: i32 = 78;
/// Where the work ends, and pixels between the points after it.
const END: i32 = 720;
const AFTER: i32 = 58;
const TOP: i32 = 14;
const BOTTOM: i32 = 56;
/// What the last points of a curve are, which come after the work.
const LATER: [&str; 3] = ["1 s later", "a malloc later", "all freed"];
const MIB: f64 = 1024.0 * 1024.0;

/// Workloads whose memory is worth a plot: those that are about it, and have curves.
pub fn worth_drawing(file: &BenchFile) -> impl Iterator<Item = &Measured> {
    let about = |m: &&Measured| m.workload.kind == Kind::Memory || m.workload.is_trace();
    file.workloads.iter().filter(about).filter(|m| file.shown().any(|s| curve(m, &s.id).is_some()))
}

/// The first curve of a subject without a limit, less what the program itself had before the work.
fn curve(measured: &Measured, subject: &str) -> Option<Vec<[f64; 3]>> {
    let own = |b: &&Block| b.subject == subject && b.mode == Mode::Memory && b.limit_bytes.is_none();
    let block = measured.blocks.iter().filter(own).find(|block| block.curve().len() > LATER.len() + 1)?;
    let base = block.number(&["base_bytes"]).unwrap_or(0.0);
    Some(block.curve().into_iter().map(|[ms, resident, held]| [ms, (resident - base).max(0.0), held]).collect())
}

struct Line {
    /// None for what the workload held, which the subtitle explains.
    name: Option<String>,
    colour: RGBColor,
    width: u32,
    /// Seconds and MiB while the work lasted.
    work: Vec<(f64, f64)>,
    /// MiB at each of [`LATER`].
    later: Vec<f64>,
}

impl Line {
    /// One column of a curve: 1 is what was resident, 2 what the workload held.
    fn new(name: Option<String>, colour: RGBColor, width: u32, curve: &[[f64; 3]], column: usize) -> Self {
        let (work, later) = curve.split_at(curve.len().saturating_sub(LATER.len()));
        Self {
            name,
            colour,
            width,
            work: work.iter().map(|p| (p[0] / 1000.0, p[column] / MIB)).collect(),
            later: later.iter().map(|p| p[column] / MIB).collect(),
        }
    }

    fn points(&self, most: (f64, f64)) -> Vec<(i32, i32)> {
        let work = self.work.iter().map(|point| place(*point, most));
        let later = self.later.iter().enumerate().map(|(n, mib)| (later(n), place((0.0, *mib), most).1));
        work.chain(later).collect()
    }
}

/// The plot of one workload.
pub fn draw(file: &BenchFile, measured: &Measured) -> Result<String, PlotError> {
    let lines = lines(file, measured);
    let legend: Vec<_> = lines.iter().filter_map(|line| Some((line.name.clone()?, line.colour))).collect();
    let title = format!("{}: memory over time", label(&measured.workload.name, measured.threads));
    let subtitle = format!("{}. Thin and pale: what the workload itself held.", measured.workload.title);
    let frame = Frame { title: &title, subtitle: &subtitle, legend: &legend, width: WIDTH, height: HEIGHT };
    let seconds = lines.iter().flat_map(|line| &line.work).map(|point| point.0).fold(1e-3, f64::max);
    let work = lines.iter().flat_map(|line| &line.work).map(|point| point.1);
    let mib = work.chain(lines.iter().flat_map(|line| &line.later).copied()).fold(1e-3, f64::max);
    let most = (seconds, mib * 1.05);
    frame.draw(|area| {
        grid(area, most)?;
        lines
            .iter()
            .try_for_each(|line| area.draw(&PathElement::new(line.points(most), line.colour.stroke_width(line.width))))
    })
}

/// What the workload held comes first, and so lies below: thin, in a pale shade of each subject's colour, since each takes
/// its own time for the same work.
fn lines(file: &BenchFile, measured: &Measured) -> Vec<Line> {
    let curves: Vec<_> = file
        .shown()
        .enumerate()
        .filter_map(|(place, subject)| Some((told(file, subject), colour(place), curve(measured, &subject.id)?)))
        .collect();
    let held = curves.iter().map(|(_, colour, curve)| Line::new(None, pale(*colour), 1, curve, 2));
    let resident = curves.iter().map(|(name, colour, curve)| Line::new(Some(name.clone()), *colour, 2, curve, 1));
    held.chain(resident).collect()
}

fn pale(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let towards_paper = |part: u8| (u16::from(part) + 255).div_ceil(2) as u8;
    RGBColor(towards_paper(red), towards_paper(green), towards_paper(blue))
}

fn place((seconds, mib): (f64, f64), most: (f64, f64)) -> (i32, i32) {
    let inside = ((END - LEFT) as f64, (HEIGHT as i32 - TOP - BOTTOM) as f64);
    let x = LEFT + (seconds / most.0 * inside.0).round() as i32;
    (x, HEIGHT as i32 - BOTTOM - (mib / most.1 * inside.1).round() as i32)
}

/// Where the points after the work are.
fn later(n: usize) -> i32 {
    END + AFTER * (n as i32 + 1)
}

fn grid(area: &Area<'_>, most: (f64, f64)) -> Drawn {
    let text = |value: f64| format!("{}", (value * 1e6).round() / 1e6);
    let (bottom, right) = (HEIGHT as i32 - BOTTOM, later(LATER.len() - 1) + 24);
    area.draw(&Rectangle::new([(END, TOP), (right, bottom)], RGBColor(246, 246, 243).filled()))?;
    for mib in canvas::round_steps(0.0, most.1, 6) {
        let (left, y) = place((0.0, mib), most);
        area.draw(&PathElement::new([(left, y), (right, y)], GRID))?;
        area.draw(&Text::new(text(mib), (left - 8, y), anchored(font(13), HPos::Right, VPos::Center)))?;
    }
    let below =
        |at: (i32, i32), words: String| area.draw(&Text::new(words, at, anchored(font(13), HPos::Center, VPos::Top)));
    for seconds in canvas::round_steps(0.0, most.0 * 0.97, 8) {
        let x = place((seconds, 0.0), most).0;
        area.draw(&PathElement::new([(x, bottom), (x, bottom + 4)], PALE))?;
        below((x, bottom + 8), text(seconds))?;
    }
    for (n, name) in LATER.iter().enumerate() {
        area.draw(&PathElement::new([(later(n), bottom), (later(n), bottom + 4)], PALE))?;
        // They are too near to each other for one line.
        below((later(n), bottom + 8 + 16 * (n as i32 % 2)), (*name).into())?;
    }
    below(((LEFT + END) / 2, bottom + 30), "seconds of work".into())?;
    let upright = font(13).transform(FontTransform::Rotate270);
    let style = anchored(upright, HPos::Center, VPos::Center);
    let middle = (22, TOP + (bottom - TOP) / 2);
    area.draw(&Text::new("resident memory beyond the program's own, MiB".to_owned(), middle, style))
}
