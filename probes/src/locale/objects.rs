//! Locale objects of a thread.

use crate::case::{Case, Needs};
use crate::outcome::{Outcome, Value};
use crate::sys::call::Errno;
use crate::sys::locale::objects::{self, Object};
use crate::sys::locale::{langinfo, longest_character, present, set};
use crate::text;

use super::{CHARACTERS, GERMAN, NOTHING};

const SOURCE: &str =
    "POSIX.1-2017 newlocale(), uselocale(), duplocale(); musl src/locale/newlocale.c; glibc locale/newlocale.c";
const SHIPPED: Needs = Needs::as_shipped(Some("locale.object.german"));

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    needs: Needs,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source: SOURCE, needs, run }
}

fn answer(object: Result<Object, Errno>, o: &mut Outcome) -> Option<Object> {
    o.fact("newlocale", object.as_ref().map_or_else(|e| text::errno(e.0), |_| "an object".into()));
    object.ok()
}

fn installed(object: Result<Object, Errno>, o: &mut Outcome) {
    if let Some(object) = answer(object, o) {
        o.fact("uselocale", object.install());
        o.fact("CODESET", langinfo(libc::CODESET));
        o.fact("MB_CUR_MAX", longest_character());
        o.fact("setlocale", set(libc::LC_CTYPE, None));
    }
}

/// LC_ALL_MASK of the headers: every category but LC_ALL itself in glibc, every bit in musl.
const ALL: i32 = if cfg!(target_env = "gnu") { 0x1fbf } else { 0x7fff_ffff };
const CTYPE: i32 = libc::LC_CTYPE_MASK;

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "locale.object.german",
        "an object for characters",
        "Does newlocale take characters from files that are there?",
        CHARACTERS,
        |o| {
            installed(objects::new(CTYPE, GERMAN, None), o);
        },
    ),
    case("locale.object.c", "an object of C", "What does newlocale make of C?", NOTHING, |o| {
        installed(objects::new(ALL, "C", None), o);
    }),
    case("locale.object.c-utf8", "an object of C.UTF-8", "What does newlocale make of C.UTF-8?", SHIPPED, |o| {
        installed(objects::new(ALL, "C.UTF-8", None), o);
    }),
    case(
        "locale.object.unknown",
        "an object of an unknown name",
        "What does newlocale make of a name that nobody has?",
        SHIPPED,
        |o| {
            installed(objects::new(ALL, "xx_YY.UTF-8", None), o);
        },
    ),
    case(
        "locale.object.empty",
        "an object by the environment",
        "What does newlocale take for an empty name where no variable is set?",
        NOTHING,
        |o| {
            installed(objects::new(ALL, "", None), o);
        },
    ),
    case(
        "locale.object.mask-zero",
        "an object of no category",
        "What does newlocale return for an empty mask?",
        NOTHING,
        |o| {
            answer(objects::new(0, "C", None), o);
        },
    ),
    case(
        "locale.object.mask-unknown",
        "an object of an unknown category",
        "Does newlocale refuse a mask with a bit that is no category?",
        NOTHING,
        |o| {
            answer(objects::new(1 << 20, "C", None), o);
        },
    ),
    case(
        "locale.object.base",
        "an object over another",
        "Does newlocale change one category of a base and keep the others?",
        CHARACTERS,
        |o| {
            let base = objects::new(ALL, "C", None).ok();
            installed(objects::new(CTYPE, GERMAN, base), o);
        },
    ),
    case("locale.object.shared", "C twice", "Is one object handed out twice for the C locale?", NOTHING, |o| {
        let [first, second] = [objects::new(ALL, "C", None), objects::new(ALL, "C", None)];
        if let (Ok(first), Ok(second)) = (first, second) {
            o.fact("one_object", first.same(second));
        }
    }),
    case(
        "locale.object.global",
        "the locale of a new thread",
        "Is the global locale in use where a program chose no other?",
        NOTHING,
        |o| {
            o.fact("global", objects::global_in_use());
        },
    ),
    case(
        "locale.object.duplicate",
        "a copy of the global locale",
        "Does duplocale copy LC_GLOBAL_LOCALE?",
        CHARACTERS,
        |o| {
            set(libc::LC_CTYPE, Some(GERMAN));
            installed(objects::duplicate_global(), o);
        },
    ),
    Case {
        id: "locale.functions",
        title: "functions that take a locale",
        question: "Which functions with a locale argument are there, in a dynamic program?",
        source: "POSIX.1-2024 getlocalename_l(); glibc and musl locale.h, stdlib.h, wctype.h, monetary.h",
        needs: NOTHING,
        run: functions,
    },
];

fn functions(o: &mut Outcome) {
    const NAMES: [&core::ffi::CStr; 16] = [
        c"newlocale",
        c"nl_langinfo_l",
        c"strcoll_l",
        c"strxfrm_l",
        c"strftime_l",
        c"strptime_l",
        c"strtod_l",
        c"strtol_l",
        c"strfmon_l",
        c"wcscoll_l",
        c"wcsftime_l",
        c"isalpha_l",
        c"towupper_l",
        c"strerror_l",
        c"querylocale",
        c"getlocalename_l",
    ];
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program has no symbols to look up");
    }
    o.table("present", NAMES.iter().map(|n| (text::bytes(n.to_bytes()), Value::Bool(present(n)))).collect());
}
