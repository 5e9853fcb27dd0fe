//! `libcdiff list`: areas, cases, pitfalls, images, stories; all of them or those that a filter leaves.

use std::fmt::Write;

use libcdiff_protocol::CaseInfo;

use super::print;
use crate::cli::{List, ListFormat, Listed};
use crate::exit::Failure;
use crate::image::Catalog;
use crate::pitfalls::{self, Pitfall};
use crate::{bundle, demo};

mod filter;
pub mod row;

use filter::Filter;
use row::{Document, Row};

/// Runs the verb.
pub fn run(request: &List) -> Result<(), Failure> {
    let cases = bundle::cases()?;
    let pitfalls = pitfalls::all()?;
    let filter = Filter::new(request, &areas(&cases))?;
    let rows = match request.what {
        Listed::Areas => area_rows(&filter, &cases, &pitfalls),
        Listed::Cases => case_rows(&filter, &cases, &pitfalls),
        Listed::Pitfalls => pitfall_rows(&filter, pitfalls::in_order(&pitfalls)),
        Listed::Stories => pitfall_rows(&filter, demo::stories(&pitfalls)),
        Listed::Images => image_rows(&filter)?,
        Listed::Workloads => workload_rows(&filter)?,
    };
    match request.format {
        ListFormat::Json => print(&Document::new(request.what, &rows).to_json()?),
        ListFormat::Text => print(&text(&rows)),
    }
}

/// Every area, in order.
pub fn areas(cases: &[CaseInfo]) -> Vec<&str> {
    let mut areas: Vec<&str> = cases.iter().map(CaseInfo::area).collect();
    areas.sort_unstable();
    areas.dedup();
    areas
}

fn area_rows(filter: &Filter, cases: &[CaseInfo], pitfalls: &[Pitfall]) -> Vec<Row> {
    let count = |area: &str| Row::Area {
        id: area.to_owned(),
        cases: cases.iter().filter(|case| case.area() == area).count(),
        pitfalls: pitfalls.iter().filter(|p| p.area() == area && filter.fits_pitfall(p)).count(),
    };
    areas(cases).into_iter().filter(|area| filter.fits_area(area)).map(count).collect()
}

fn case_rows(filter: &Filter, cases: &[CaseInfo], pitfalls: &[Pitfall]) -> Vec<Row> {
    let row = |case: &CaseInfo| {
        let pitfall = pitfalls::of_case(pitfalls, &case.id);
        filter.fits_case(case, pitfall).then(|| Row::case(case, pitfall))
    };
    cases.iter().filter_map(row).collect()
}

fn pitfall_rows(filter: &Filter, pitfalls: Vec<&Pitfall>) -> Vec<Row> {
    let wanted = pitfalls.into_iter().filter(|p| filter.fits_area(p.area()) && filter.fits_pitfall(p));
    wanted.map(|pitfall| Row::Pitfall(Box::new(pitfall.clone()))).collect()
}

fn image_rows(filter: &Filter) -> Result<Vec<Row>, Failure> {
    let catalog = Catalog::embedded()?;
    let wanted = catalog.images().iter().filter(|image| filter.fits_image(image));
    Ok(wanted.map(|image| Row::image(image, catalog.default_images())).collect())
}

fn workload_rows(filter: &Filter) -> Result<Vec<Row>, Failure> {
    let workloads = bundle::workloads()?;
    Ok(workloads.into_iter().filter(|workload| filter.fits_workload(workload)).map(Row::workload).collect())
}

/// One line for each, the names in a column of their own.
fn text(rows: &[Row]) -> String {
    let rows: Vec<(&str, String)> = rows.iter().map(|row| (row.id(), row.about())).collect();
    let wide = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, what) in rows {
        let _ = writeln!(out, "{name:wide$}  {what}");
    }
    out
}
