//! JUnit XML, as Jenkins and its like read it: a suite for each image, a test case for each case. A difference is a failure,
//! one that the policy accepts is skipped, a probe that broke is an error.

use std::collections::BTreeMap;
use std::io;

use libcdiff_protocol::Status;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Model;
use super::finding::Finding;
use crate::check::record::{Accepted, Check};
use crate::compare::own_flavour;
use crate::runfile::{Image, Observation};

/// Writes the run.
///
/// # Errors
/// What cannot be written as XML, and what the writer came back with.
pub fn write(model: &Model<'_>, to: impl io::Write) -> Result<(), quick_junit::SerializeError> {
    let mut report = Report::new("libcdiff");
    let findings = model.findings();
    for image in model.images_checked() {
        report.add_test_suite(suite(model, image, &findings));
    }
    report.add_test_suites(measure(model));
    if let Some(check) = &model.run.check
        && !(check.requirements.is_empty() && check.figures.is_empty())
    {
        report.add_test_suite(policy(check));
    }
    report.serialize(to)
}

fn suite(model: &Model<'_>, image: &Image, findings: &[Finding<'_>]) -> TestSuite {
    let own = findings.iter().filter(|finding| finding.image.id == image.id);
    let by_case: BTreeMap<&str, &Finding<'_>> =
        own.map(|finding| (finding.difference.case.as_str(), finding)).collect();
    let mut suite = TestSuite::new(image.id.clone());
    let flavour = own_flavour(image);
    let observed = model.run.observations.iter().filter(|o| o.image == image.id && o.flavour == flavour);
    let mut silent: BTreeMap<&str, TestCaseStatus> = silent(model, image).collect();
    suite.add_test_cases(observed.map(|o| {
        let status = silent.remove(o.case.as_str());
        test(&o.case, status.unwrap_or_else(|| status_of(model, o, by_case.get(o.case.as_str()).copied())))
    }));
    suite.add_test_cases(silent.into_iter().map(|(case, status)| test(case, status)));
    suite
}

/// The image that the others are compared with, where it left out an answer.
fn measure(model: &Model<'_>) -> Option<TestSuite> {
    let image = model.run.images.first().filter(|_| model.run.images.len() > 1)?;
    let mut suite = TestSuite::new(image.id.clone());
    suite.add_test_cases(silent(model, image).map(|(case, status)| test(case, status)));
    (!suite.test_cases.is_empty()).then_some(suite)
}

fn test(case: &str, status: TestCaseStatus) -> TestCase {
    let mut test = TestCase::new(case, status);
    test.set_classname(format!("libcdiff.{}", case.split('.').next().unwrap_or_default()));
    test
}

/// What a check could not ask in an image: errors, where the policy does not accept them.
fn silent<'a>(model: &'a Model<'_>, image: &'a Image) -> impl Iterator<Item = (&'a str, TestCaseStatus)> {
    let check = model.run.check.as_ref();
    check.into_iter().flat_map(|check| {
        check.unanswered.iter().filter(|one| one.image == image.id).map(|one| {
            let status = check.accepts(&one.case).map(accepted).unwrap_or_else(|| {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_type("unanswered").set_message(one.reason.clone());
                status
            });
            (one.case.as_str(), status)
        })
    })
}

fn accepted(accepted: &Accepted) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(format!("accepted: {} ({})", accepted.reason, accepted.owner));
    status
}

fn status_of(model: &Model<'_>, o: &Observation, finding: Option<&Finding<'_>>) -> TestCaseStatus {
    match (finding, o.status) {
        (Some(finding), _) => match finding.accepted {
            Some(by) => accepted(by),
            None => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let text = format!("{}libcdiff explain {}\n", model.contrast(finding), finding.difference.case);
                status.set_type(finding.rule()).set_message(finding.title()).set_description(text);
                status
            }
        },
        (None, Status::Broke) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("broke").set_message(o.answer());
            status
        }
        (None, Status::Unsupported) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(o.answer());
            status
        }
        _ => TestCaseStatus::success(),
    }
}

/// What the policy requires and bounds.
fn policy(check: &Check) -> TestSuite {
    let mut suite = TestSuite::new(check.policy.clone().unwrap_or_else(|| "policy".into()));
    let failed = |kind: &str, message: String| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(kind).set_message(message);
        status
    };
    for requirement in &check.requirements {
        let status = requirement.unmet.as_ref().map(|why| failed("required", why.clone()));
        suite.add_test_case(TestCase::new(
            format!("requires {}", requirement.id),
            status.unwrap_or_else(TestCaseStatus::success),
        ));
    }
    for figure in &check.figures {
        let exceeded = check.exceeded().any(|other| other == figure);
        let name = format!("{} with {} threads, {}", figure.workload, figure.threads, figure.subject);
        let status = match exceeded {
            true => failed("bound", super::check::figure(figure)),
            false => TestCaseStatus::success(),
        };
        suite.add_test_case(TestCase::new(name, status));
    }
    suite
}
