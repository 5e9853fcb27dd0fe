//! Locale variables: what `LC_ALL`, `LC_TIME` and `LANG` change in formatted time, where the named locale exists nowhere.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::time::{langinfo, set_locale, strftime};

use super::tm::FOUNDING;

const SOURCE: &str = "POSIX.1-2017 setlocale(); POSIX.1-2017, Base Definitions 8.2; musl src/locale/locale_map.c";
/// Every directive whose text the locale decides.
const FORMAT: &str = "%a %A|%b %B|%p|%c|%x|%X|%r";

const fn case(id: &'static str, title: &'static str, question: &'static str, needs: Needs) -> Case {
    Case { id, title, question, source: SOURCE, needs, run: called }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    Case {
        id: "time.locale.not-called",
        title: "LC_ALL without setlocale",
        question: "Does LC_ALL alone change what strftime writes?",
        source: SOURCE,
        needs: Needs::NOTHING.env(&[("TZ", "UTC0"), ("LC_ALL", "xx_XX.UTF-8")]),
        run: formatted,
    },
    case(
        "time.locale.lc-all",
        "LC_ALL of no known locale",
        "What do setlocale and strftime make of an unknown LC_ALL?",
        Needs::NOTHING.env(&[("TZ", "UTC0"), ("LC_ALL", "xx_XX.UTF-8")]),
    ),
    case(
        "time.locale.lc-time",
        "LC_TIME of no known locale",
        "What do setlocale and strftime make of an unknown LC_TIME?",
        Needs::NOTHING.env(&[("TZ", "UTC0"), ("LC_TIME", "xx_XX.UTF-8")]),
    ),
    case(
        "time.locale.lang",
        "LANG of no known locale",
        "What do setlocale and strftime make of an unknown LANG?",
        Needs::NOTHING.env(&[("TZ", "UTC0"), ("LANG", "xx_XX.UTF-8")]),
    ),
    case(
        "time.locale.none",
        "setlocale without variables",
        "Which locale does setlocale take where no variable names one?",
        Needs::NOTHING.env(&[("TZ", "UTC0")]),
    ),
    case(
        "time.locale.posix",
        "LC_ALL=POSIX",
        "What do setlocale and strftime make of LC_ALL=POSIX?",
        Needs::NOTHING.env(&[("TZ", "UTC0"), ("LC_ALL", "POSIX")]),
    ),
    Case {
        id: "time.locale.formats",
        title: "formats of the C locale",
        question: "Which formats and words for time does nl_langinfo give in the C locale?",
        source: "POSIX.1-2017, Base Definitions 7.3.5, LC_TIME; nl_langinfo(3)",
        needs: Needs::NOTHING.env(&[("TZ", "UTC0")]),
        run: formats,
    },
];

fn called(o: &mut Outcome) {
    let name = set_locale();
    o.fact("setlocale", name.unwrap_or_else(|| "NULL".into()));
    formatted(o);
}

fn formatted(o: &mut Outcome) {
    let written = strftime(256, FORMAT, &FOUNDING.tm());
    o.measured("format", FORMAT);
    o.fact("length", written.length);
    o.fact("result", written.buffer);
}

fn formats(o: &mut Outcome) {
    let items = [
        ("D_T_FMT", libc::D_T_FMT),
        ("D_FMT", libc::D_FMT),
        ("T_FMT", libc::T_FMT),
        ("T_FMT_AMPM", libc::T_FMT_AMPM),
        ("AM_STR", libc::AM_STR),
        ("PM_STR", libc::PM_STR),
        ("DAY_1", libc::DAY_1),
        ("ABDAY_7", libc::ABDAY_7),
        ("MON_12", libc::MON_12),
        ("ABMON_1", libc::ABMON_1),
        ("ERA", libc::ERA),
        ("ERA_D_FMT", libc::ERA_D_FMT),
        ("ALT_DIGITS", libc::ALT_DIGITS),
    ];
    for (name, item) in items {
        o.fact(name, langinfo(item));
    }
}
