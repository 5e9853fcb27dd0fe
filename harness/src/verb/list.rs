//! `libcdiff list`: areas, cases, pitfalls, images.

use std::fmt::Write;

use libcdiff_protocol::CaseInfo;

use super::print;
use crate::cli::{List, Listed};
use crate::exit::Failure;
use crate::image::Catalog;
use crate::{bundle, pitfalls};

/// Runs the verb.
pub fn run(request: &List) -> Result<(), Failure> {
    let cases = bundle::cases()?;
    let in_area = |area: &str| request.area.as_deref().is_none_or(|wanted| wanted == area);
    if let Some(area) = request.area.as_deref().filter(|area| !areas(&cases).contains(area)) {
        return Err(Failure::request(format!("there is no area `{area}`: there are {}", areas(&cases).join(", "))));
    }
    match request.what {
        Listed::Areas => {
            let rows = areas(&cases).into_iter().filter(|area| in_area(area)).map(|area| {
                let count = cases.iter().filter(|case| case.area() == area).count();
                (area.to_owned(), format!("{count} cases"))
            });
            deliver(request, rows.collect())
        }
        Listed::Cases if request.json => {
            let wanted: Vec<_> = cases.iter().filter(|case| in_area(case.area())).collect();
            print(&(serde_json::to_string_pretty(&wanted)? + "\n"))
        }
        Listed::Cases => {
            let wanted = cases.iter().filter(|case| in_area(case.area()));
            deliver(request, wanted.map(|case| (case.id.clone(), case.title.clone())).collect())
        }
        Listed::Pitfalls => {
            let all = pitfalls::all()?;
            let wanted = all.iter().filter(|p| in_area(p.area()));
            if request.json {
                return print(&(serde_json::to_string_pretty(&wanted.collect::<Vec<_>>())? + "\n"));
            }
            deliver(request, wanted.map(|p| (p.id.clone(), format!("{}: {}", p.severity, p.title))).collect())
        }
        Listed::Images => {
            let catalog = Catalog::embedded()?;
            deliver(request, catalog.images().iter().map(|image| (image.name.clone(), image.about.clone())).collect())
        }
    }
}

/// Every area, in order.
pub fn areas(cases: &[CaseInfo]) -> Vec<&str> {
    let mut areas: Vec<&str> = cases.iter().map(CaseInfo::area).collect();
    areas.sort_unstable();
    areas.dedup();
    areas
}

/// Prints names with what they are.
fn deliver(request: &List, rows: Vec<(String, String)>) -> Result<(), Failure> {
    if request.json {
        let rows: Vec<_> = rows.iter().map(|(id, title)| serde_json::json!({"id": id, "title": title})).collect();
        return print(&(serde_json::to_string_pretty(&rows)? + "\n"));
    }
    let wide = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, what) in rows {
        let _ = writeln!(out, "{name:wide$}  {what}");
    }
    print(&out)
}
