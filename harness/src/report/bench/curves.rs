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
const RIGHT: i32 = 24;
const TOP: i32 = 14;
const BOTTOM: i32 = 56;
const MIB: f64 = 1024.0 * 1024.0;

/// Workloads whose memory is worth a plot: those that are about it, and have curves.
pub fn worth_drawing(file: &BenchFile) -> impl Iterator<Item = &Measured> {
    let about = |m: &&Measured| m.workload.kind == Kind::Memory;
    file.workloads.iter().filter(about).filter(|m| file.shown().any(|s| curve(m, &s.id).is_some()))
}

/// The first curve of a subject without a limit.
fn curve(measured: &Measured, subject: &str) -> Option<Vec<[f64; 3]>> {
    let own = |b: &&Block| b.subject == subject && b.mode == Mode::Memory && b.limit_bytes.is_none();
    measured.blocks.iter().filter(own).map(Block::curve).find(|curve| curve.len() > 1)
}

struct Line {
    /// None for what the workload held, which the subtitle explains.
    name: Option<String>,
    colour: RGBColor,
    width: u32,
    points: Vec<(f64, f64)>,
}

/// The plot of one workload.
pub fn draw(file: &BenchFile, measured: &Measured) -> Result<String, PlotError> {
    let lines = lines(file, measured);
    let legend: Vec<_> = lines.iter().filter_map(|line| Some((line.name.clone()?, line.colour))).collect();
    let title = format!("{}: memory over time", label(&measured.workload.name, measured.threads));
    let subtitle = format!("{}. Thin and pale: what the workload itself held.", measured.workload.title);
    let frame = Frame { title: &title, subtitle: &subtitle, legend: &legend, width: WIDTH, height: HEIGHT };
    let ends = |pick: fn(&(f64, f64)) -> f64| {
        lines.iter().flat_map(|line| &line.points).map(pick).fold(0.0, f64::max).max(1e-3)
    };
    let most = (ends(|p| p.0), ends(|p| p.1) * 1.05);
    frame.draw(|area| {
        grid(area, most)?;
        lines.iter().try_for_each(|line| {
            let points: Vec<_> = line.points.iter().map(|point| place(*point, most)).collect();
            area.draw(&PathElement::new(points, line.colour.stroke_width(line.width)))
        })
    })
}

/// What the workload held comes first, and so lies below: thin, in a pale shade of each subject's colour, since each takes
/// its own time for the same work.
fn lines(file: &BenchFile, measured: &Measured) -> Vec<Line> {
    let points = |curve: &[[f64; 3]], column: usize| curve.iter().map(|p| (p[0] / 1000.0, p[column] / MIB)).collect();
    let curves: Vec<_> = file
        .shown()
        .enumerate()
        .filter_map(|(place, subject)| Some((told(file, subject), colour(place), curve(measured, &subject.id)?)))
        .collect();
    let held = curves.iter().map(|(_, colour, curve)| Line {
        name: None,
        colour: pale(*colour),
        width: 1,
        points: points(curve, 2),
    });
    let resident = curves.iter().map(|(name, colour, curve)| Line {
        name: Some(name.clone()),
        colour: *colour,
        width: 2,
        points: points(curve, 1),
    });
    held.chain(resident).collect()
}

fn pale(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let towards_paper = |part: u8| (u16::from(part) + 255).div_ceil(2) as u8;
    RGBColor(towards_paper(red), towards_paper(green), towards_paper(blue))
}

fn place((seconds, mib): (f64, f64), most: (f64, f64)) -> (i32, i32) {
    let inside = ((WIDTH as i32 - LEFT - RIGHT) as f64, (HEIGHT as i32 - TOP - BOTTOM) as f64);
    let x = LEFT + (seconds / most.0 * inside.0).round() as i32;
    (x, HEIGHT as i32 - BOTTOM - (mib / most.1 * inside.1).round() as i32)
}

fn grid(area: &Area<'_>, most: (f64, f64)) -> Drawn {
    let text = |value: f64| format!("{}", (value * 1e6).round() / 1e6);
    for mib in canvas::round_steps(0.0, most.1, 6) {
        let (left, y) = place((0.0, mib), most);
        area.draw(&PathElement::new([(left, y), (WIDTH as i32 - RIGHT, y)], GRID))?;
        let style = anchored(font(13), HPos::Right, VPos::Center);
        area.draw(&Text::new(text(mib), (left - 8, y), style))?;
    }
    for seconds in canvas::round_steps(0.0, most.0, 8) {
        let (x, bottom) = place((seconds, 0.0), most);
        area.draw(&PathElement::new([(x, bottom), (x, bottom + 4)], PALE))?;
        area.draw(&Text::new(text(seconds), (x, bottom + 8), anchored(font(13), HPos::Center, VPos::Top)))?;
    }
    let middle = (LEFT + WIDTH as i32 - RIGHT) / 2;
    let bottom = HEIGHT as i32 - BOTTOM;
    let style = anchored(font(13), HPos::Center, VPos::Top);
    area.draw(&Text::new("seconds".to_owned(), (middle, bottom + 30), style))?;
    let upright = font(13).transform(FontTransform::Rotate270);
    let style = anchored(upright, HPos::Center, VPos::Center);
    area.draw(&Text::new("resident memory, MiB".to_owned(), (22, TOP + (bottom - TOP) / 2), style))
}
