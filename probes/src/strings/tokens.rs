//! Cutting strings.

use super::asks;
use crate::outcome::Outcome;
use crate::sys::strings::tokens::{fields, options, tokens};

const TOKENS: &str = "POSIX.1-2017 strtok_r(); strsep(3)";
const OPTIONS: &str = "POSIX.1-2017 getsubopt()";

fn listed(o: &mut Outcome, input: &core::ffi::CStr) {
    let rows = options(input).into_iter().enumerate();
    o.table(
        "options",
        rows.map(|(i, (number, value))| (heap::format!("{i}"), heap::format!("{number}, {value:?}").into())).collect(),
    );
}

asks! {
    "strings.strtok.plain", "strtok_r", "Which tokens does strtok_r cut out of text with delimiters at both ends and twice?", TOKENS, |o| o.fact("tokens", heap::format!("{:?}", tokens(c",a,,b,", c",")));
    "strings.strtok.none", "strtok_r of delimiters", "Does strtok_r cut anything out of delimiters alone?", TOKENS, |o| o.fact("tokens", heap::format!("{:?}", tokens(c",,,", c",")));
    "strings.strtok.empty-set", "strtok_r without delimiters", "What does strtok_r cut where there are no delimiters?", TOKENS, |o| o.fact("tokens", heap::format!("{:?}", tokens(c"abc", c"")));
    "strings.strsep.plain", "strsep", "Which fields does strsep cut out of text with delimiters at both ends and twice?", TOKENS, |o| o.fact("tokens", heap::format!("{:?}", fields(c",a,,b,", c",")));
    "strings.strsep.empty", "strsep of nothing", "Which fields does strsep cut out of an empty text?", TOKENS, |o| o.fact("tokens", heap::format!("{:?}", fields(c"", c",")));
    "strings.getsubopt.known", "known options", "What does getsubopt say to ro,size=10,name=?", OPTIONS, |o| listed(o, c"ro,size=10,name=");
    "strings.getsubopt.unknown", "an unknown option", "What value does getsubopt give an unknown option?", OPTIONS, |o| listed(o, c"rw,other=5,ro");
    "strings.getsubopt.prefix", "an option cut short", "Does getsubopt take an option that is cut short or longer?", OPTIONS, |o| listed(o, c"siz=1,sizes=2,r");
    "strings.getsubopt.value", "a value that is not wanted", "What does getsubopt make of a value with an equals sign?", OPTIONS, |o| listed(o, c"ro=a=b,size");
    "strings.getsubopt.empty", "an empty option", "What does getsubopt say to two commas?", OPTIONS, |o| listed(o, c"ro,,size=1");
}
