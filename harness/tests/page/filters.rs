//! Filters and search: the rows that are left are those of the run file, case by case.

use std::collections::BTreeSet;

use libcdiff::pitfalls::{self, Pitfall};
use libcdiff::report::finding;
use libcdiff::runfile::{Difference, RunFile};

use crate::browser::Browser;
use crate::opened;

/// Changes the form, as its controls do, and gives the cases that are left.
fn after(browser: &mut Browser, change: &str) -> BTreeSet<String> {
    browser.eval(&format!(
        "(() => {{ const form = document.getElementById('filters'); {change};\n\
         form.dispatchEvent(new Event('input', {{bubbles: true}})) }})()"
    ));
    left(browser)
}

fn left(browser: &mut Browser) -> BTreeSet<String> {
    let left = browser
        .texts("[...document.querySelectorAll('.case')].filter(e => !e.closest('[hidden]')).map(e => e.id.slice(5))");
    let count = browser.text("document.getElementById('filters').elements.count.value");
    assert!(count.starts_with(&format!("{} of ", left.len())), "{count}: {left:?}");
    left.into_iter().collect()
}

/// Types into the search and waits until the page has counted anew, which it does when no more is typed.
fn after_typing(browser: &mut Browser, words: &str) -> BTreeSet<String> {
    browser.eval(
        "(() => { const { words, count } = document.getElementById('filters').elements;\n\
         words.focus(); words.select();\n\
         window.counted = new Promise(done => { new MutationObserver(done).observe(count, {childList: true}) }) })()",
    );
    browser.call("Input.insertText", &serde_json::json!({"text": words}));
    browser.eval("window.counted.then(() => 0)");
    left(browser)
}

fn differing(run: &RunFile, fits: impl Fn(&Difference) -> bool) -> BTreeSet<String> {
    run.differences.iter().filter(|d| fits(d)).map(|d| d.case.clone()).collect()
}

fn severity(pitfalls: &[Pitfall], difference: &Difference) -> &'static str {
    let pitfall = difference.pitfall.as_ref().and_then(|id| pitfalls.iter().find(|p| &p.id == id));
    pitfall.map_or("unexplained", |p| finding::word(p.severity))
}

const ONLY: &str = "form.querySelectorAll('[name=severity]').forEach(box => { box.checked = box.value === ";

#[test]
fn filters_leave_what_the_run_file_says() {
    let Some(mut opened) = opened() else { return };
    let (run, browser) = (&opened.run, &mut opened.browser);
    let pitfalls = pitfalls::all().expect("pitfalls");
    let all = differing(run, |_| true);
    assert!(all.len() > 20, "a run that shows little tests little: {all:?}");
    assert_eq!(after(browser, "0"), all, "to begin with, what differs");

    for area in run.summary.by_area.keys() {
        let left = after(browser, &format!("form.elements.area.value = '{area}'"));
        assert_eq!(left, differing(run, |d| d.case.starts_with(&format!("{area}."))), "{area}");
    }
    after(browser, "form.elements.area.value = ''");

    let attributions: BTreeSet<String> = run.differences.iter().map(|d| d.attribution.to_string()).collect();
    assert!(attributions.len() > 1, "{attributions:?}");
    let offered = browser.texts("[...document.querySelectorAll('[name=attribution] option')].map(o => o.value)");
    let offered: BTreeSet<String> = offered.into_iter().filter(|value| !value.is_empty()).collect();
    assert_eq!(offered, attributions, "what can be chosen is what there is");
    for attribution in &attributions {
        let left = after(browser, &format!("form.elements.attribution.value = '{attribution}'"));
        assert_eq!(left, differing(run, |d| &d.attribution.to_string() == attribution), "{attribution}");
    }
    after(browser, "form.elements.attribution.value = ''");

    let offered = browser.texts("[...document.querySelectorAll('[name=severity]')].map(box => box.value)");
    let mut seen = 0;
    for word in &offered {
        let left = after(browser, &format!("{ONLY}'{word}' }})"));
        assert_eq!(left, differing(run, |d| severity(&pitfalls, d) == word), "{word}");
        seen += left.len();
    }
    assert_eq!(seen, all.len(), "each difference has one severity");

    after(browser, "form.querySelectorAll('[name=severity]').forEach(box => { box.checked = true })");
    let every: BTreeSet<String> = run.observations.iter().map(|o| o.case.to_string()).collect();
    assert_eq!(after(browser, "form.elements.different.checked = false"), every);
    let time = after(browser, "form.elements.area.value = 'time'");
    assert_eq!(time, every.iter().filter(|case| case.starts_with("time.")).cloned().collect());
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn search_finds_what_is_in_ids_titles_and_answers() {
    let Some(mut opened) = opened() else { return };
    let (run, browser) = (&opened.run, &mut opened.browser);
    let says = |case: &str, word: &str| run.observations.iter().any(|o| o.case == case && o.answer().contains(word));
    after(browser, "form.elements.different.checked = false");

    let left = after_typing(browser, "time.strptime.f-T");
    assert!(left.contains("time.strptime.F-T") && left.len() < 10, "in whatever case: {left:?}");
    let found = after_typing(browser, "guard_bytes");
    assert!(!found.is_empty() && found.iter().all(|case| says(case, "guard_bytes")), "{found:?}");
    let every: BTreeSet<&str> = run.observations.iter().map(|o| o.case.as_str()).collect();
    assert!(every.into_iter().filter(|case| says(case, "guard_bytes")).all(|case| found.contains(case)), "{found:?}");
    let both = after_typing(browser, "guard_bytes nothing-says-this");
    assert!(both.is_empty(), "every word has to be there: {both:?}");
    assert_eq!(browser.eval("document.getElementById('nothing').checkVisibility()"), true, "and it says so");

    let reset = after(browser, "form.reset()");
    assert_eq!(reset, differing(run, |_| true), "back to the beginning");
    assert_eq!(browser.eval("document.getElementById('nothing').checkVisibility()"), false);
}
