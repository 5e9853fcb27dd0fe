//! What of a list is wanted: an area, a severity, a C library, words.

use libcdiff_protocol::CaseInfo;

use crate::affects::Affects;
use crate::bench::workload::Workload;
use crate::cli::{List, Listed};
use crate::exit::Failure;
use crate::image::CatalogImage;
use crate::pitfalls::{Pitfall, Severity};

/// The filters of one request; each that is given must fit.
pub struct Filter {
    area: Option<String>,
    severity: Option<Severity>,
    family: Option<String>,
    affects: Option<Affects>,
    words: Vec<String>,
}

impl Filter {
    /// The filters, checked against what is listed.
    pub fn new(request: &List, areas: &[&str]) -> Result<Self, Failure> {
        if let Some(area) = request.area.as_deref().filter(|area| !areas.contains(area)) {
            return Err(Failure::request(format!("there is no area `{area}`: there are {}", areas.join(", "))));
        }
        let of_pitfalls = request.severity.is_some() || request.affects.is_some();
        if matches!(request.what, Listed::Images) && (of_pitfalls || request.area.is_some()) {
            return Err(Failure::request(
                "images have neither area nor severity: filter them by --family, or by words",
            ));
        }
        if matches!(request.what, Listed::Workloads)
            && (of_pitfalls || request.area.is_some() || request.family.is_some())
        {
            return Err(Failure::request("workloads belong to no area, pitfall or family: filter them by words"));
        }
        Ok(Self {
            area: request.area.clone(),
            severity: request.severity,
            family: request.family.clone(),
            affects: request.affects.as_deref().map(affects).transpose()?,
            words: request.words.iter().map(|word| word.to_lowercase()).collect(),
        })
    }

    /// Whether the area is wanted.
    pub fn fits_area(&self, area: &str) -> bool {
        self.area.as_deref().is_none_or(|wanted| wanted == area)
    }

    /// Whether the pitfall is wanted, whatever its area.
    pub fn fits_pitfall(&self, pitfall: &Pitfall) -> bool {
        let (who, cases) = (pitfall.who.join(" "), pitfall.cases.join(" "));
        let text =
            [&pitfall.id, &pitfall.title, &pitfall.what, &pitfall.why, &who, &cases].map(String::as_str).join(" ");
        self.hits(pitfall) && self.says(&text)
    }

    /// Whether the case is wanted, by its own words and by the pitfall that explains it.
    pub fn fits_case(&self, case: &CaseInfo, pitfall: Option<&Pitfall>) -> bool {
        let by_pitfall = self.severity.is_some() || self.family.is_some() || self.affects.is_some();
        let text = [&case.id, &case.title, &case.question, &case.source].map(String::as_str).join(" ");
        self.fits_area(case.area()) && (!by_pitfall || pitfall.is_some_and(|p| self.hits(p))) && self.says(&text)
    }

    /// Severity and C library. A pitfall that does not say whom it hits may hit everybody.
    fn hits(&self, pitfall: &Pitfall) -> bool {
        let any = |fits: &dyn Fn(&Affects) -> bool| pitfall.affects.is_empty() || pitfall.affects.iter().any(fits);
        self.severity.is_none_or(|wanted| wanted == pitfall.severity)
            && self.family.as_deref().is_none_or(|family| any(&|a| a.family() == family))
            && self.affects.as_ref().is_none_or(|wanted| any(&|a| a.meets(wanted)))
    }

    /// Whether the image is wanted.
    pub fn fits_image(&self, image: &CatalogImage) -> bool {
        let family = image.family.as_ref().map(ToString::to_string);
        (self.family.is_none() || self.family == family) && self.says(&format!("{} {}", image.name, image.about))
    }

    /// Whether the workload is wanted.
    pub fn fits_workload(&self, workload: &Workload) -> bool {
        let Workload { name, title, models, parameters, source, .. } = workload;
        self.says(&[name, title, models, parameters, source].map(String::as_str).join(" "))
    }

    /// Whether a text has all the words.
    fn says(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.words.iter().all(|word| text.contains(word))
    }
}

/// `musl`, `musl 1.2.5`, `musl <1.2.6`.
fn affects(text: &str) -> Result<Affects, Failure> {
    let exact = match text.split_whitespace().collect::<Vec<_>>()[..] {
        [family, version] if version.starts_with(|c: char| c.is_ascii_digit()) => format!("{family} ={version}"),
        _ => text.to_owned(),
    };
    exact.parse().map_err(|why| Failure::request(format!("--affects {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ListFormat;

    fn request() -> List {
        List {
            what: Listed::Pitfalls,
            words: Vec::new(),
            area: None,
            severity: None,
            family: None,
            affects: None,
            format: ListFormat::Text,
        }
    }

    fn pitfall(affects: &str) -> Pitfall {
        let text = format!(
            r#"
            id = "time.p"
            symbols = ["f"]
            title = "Dates"
            severity = "slow"
            cases = ["time.p.*"]
            what = "Something of the Zone."
            who = []
            why = "w"
            standard = "s"
            affects = [{affects}]
            remedies = []
            sources = []"#
        );
        toml::from_str(&text).expect("a pitfall")
    }

    #[track_caller]
    fn fits(request: List, affects: &str) -> bool {
        Filter::new(&request, &["time"]).map_err(|f| f.message).expect("a filter").fits_pitfall(&pitfall(affects))
    }

    #[test]
    fn a_c_library_is_named_by_family_version_or_bounds() {
        for (wanted, affects, hit) in [
            ("musl", r#""musl <1.2.6""#, true),
            ("musl 1.2.5", r#""musl <1.2.6""#, true),
            ("musl 1.2.6", r#""musl <1.2.6""#, false),
            ("musl >=1.2.6", r#""musl <1.2.6""#, false),
            ("glibc 2.36", r#""musl", "glibc >=2.34""#, true),
            ("glibc 2.36", r#""musl""#, false),
            ("glibc 2.36", "", true),
        ] {
            assert_eq!(
                fits(List { affects: Some(wanted.into()), ..request() }, affects),
                hit,
                "{wanted} and {affects}"
            );
        }
        assert!(!fits(List { family: Some("glibc".into()), ..request() }, r#""musl""#));
    }

    #[test]
    fn words_and_severity_must_all_fit() {
        let words = |words: &[&str]| List { words: words.iter().map(|w| (*w).to_owned()).collect(), ..request() };
        assert!(fits(words(&["DATES", "zone"]), ""));
        assert!(!fits(words(&["dates", "stack"]), ""));
        assert!(fits(List { severity: Some(Severity::Slow), ..request() }, ""));
        assert!(!fits(List { severity: Some(Severity::Breaks), ..request() }, ""));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let refused = |request: List| Filter::new(&request, &["time"]).err().map(|f| f.message).unwrap_or_default();
        assert!(refused(List { area: Some("tim".into()), ..request() }).contains("there is no area `tim`"));
        assert!(refused(List { affects: Some("uclibc 1".into()), ..request() }).contains("names no C library"));
        let images = List { what: Listed::Images, severity: Some(Severity::Slow), ..request() };
        assert!(refused(images).contains("images have neither"));
    }
}
