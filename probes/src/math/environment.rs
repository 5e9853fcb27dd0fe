//! The floating-point environment: the mode, the flags, and traps.

use super::{asks, flags};
use crate::outcome::Outcome;
use crate::sys::math::environment::{self as env, ALL, DIVIDED_BY_ZERO, INEXACT, INVALID, OVERFLOW};
use crate::sys::math::function as f;
use crate::sys::process::{in_child, without_core};
use crate::sys::stdio::format::print;

const C: &str = "ISO C11 7.6; POSIX.1-2017 fenv.h";
const TRAPS: &str = "feenableexcept(3); musl wiki, Open issues: exceptions cannot be unmasked";

/// Whether inexact is set, which these functions must not, or must, do.
fn inexact(o: &mut Outcome, function: Option<f::Function>, x: f64) {
    let Some(function) = function else { return super::absent(o) };
    o.fact("inexact", function.call(&[x]).flags & INEXACT != 0);
}

fn trap(o: &mut Outcome, name: &'static core::ffi::CStr) {
    match env::trap(name, 0) {
        Some(value) => o.fact("value", value),
        None => o.line(format_args!("no {}", name.to_str().unwrap_or_default())),
    }
}

asks! {
    "math.fenv.rounding-default", "the mode at start", "Which rounding mode does a program start with?", C, |o| o.fact("mode", env::rounding());
    "math.fenv.rounding-unknown", "an unknown mode", "What does fesetround return for an unknown mode, and is the mode kept?", C, |o| { o.fact("unknown_refused", env::set_rounding(0x123) != 0); o.fact("mode", env::rounding()); };
    "math.fenv.rounding-set", "every mode", "Does fegetround tell each mode that fesetround set?", C, |o| for (name, mode) in env::MODES { o.fact(name, env::rounded(mode, env::rounding) == Some(mode)); };
    "math.fenv.flags-default", "the flags at start", "Which exception flags are set when a program starts?", C, |o| o.fact("flags", flags(env::flags()));
    "math.fenv.raise", "feraiseexcept", "Which flags are set after overflow was raised?", C, |o| { env::clear(); o.fact("value", env::raise(OVERFLOW)); o.fact("flags", flags(env::flags())); };
    "math.fenv.clear-some", "feclearexcept", "Are the other flags kept when one is cleared?", C, |o| { env::raise(INVALID | DIVIDED_BY_ZERO); env::clear_some(INVALID); o.fact("flags", flags(env::flags())); };
    "math.fenv.raise-unknown", "feraiseexcept of an unknown bit", "What does feraiseexcept return for a bit that is no exception?", C, |o| { env::clear(); o.fact("value", env::raise(0x4000)); o.fact("flags", flags(env::flags())); };
    "math.fenv.held", "feholdexcept and feupdateenv", "Are flags that were raised while held kept by feupdateenv, with those before?", C, |o| {
        env::clear();
        env::raise(OVERFLOW);
        let [hold, update] = env::held(|| { env::raise(INVALID); });
        o.fact("hold", hold);
        o.fact("update", update);
        o.fact("flags", flags(env::flags()));
    };
    "math.fenv.inexact-rint", "rint sets inexact", "Does rint(2.5) set inexact?", C, |o| inexact(o, f::rint(), 2.5);
    "math.fenv.inexact-nearbyint", "nearbyint leaves inexact", "Does nearbyint(2.5) leave inexact alone?", C, |o| inexact(o, f::nearbyint(), 2.5);
    "math.fenv.inexact-sqrt", "sqrt sets inexact", "Does sqrt(2) set inexact?", C, |o| inexact(o, f::sqrt(), 2.0);
    "math.fenv.inexact-sqrt-exact", "an exact sqrt leaves inexact", "Does sqrt(4) leave inexact alone?", C, |o| inexact(o, f::sqrt(), 4.0);
    "math.fenv.printf", "flags after printf", "Which flags does printf of a double set?", C, |o| { env::clear(); print(64, c"%.3f %g %e", &[], &[0.1, 1e300, 5e-324]); o.fact("flags", flags(env::flags())); };
    "math.fenv.strtod", "flags after strtod of 1e999", "Which flags does strtod of 1e999 set?", C, |o| { env::clear(); crate::sys::strings::numbers::double(c"1e999"); o.fact("flags", flags(env::flags())); };
    "math.fenv.strtod-underflow", "flags after strtod of 1e-400", "Which flags does strtod of 1e-400 set?", C, |o| { env::clear(); crate::sys::strings::numbers::double(c"1e-400"); o.fact("flags", flags(env::flags())); };
    "math.fenv.feenableexcept", "feenableexcept", "Is there feenableexcept, and which traps are on at first?", TRAPS, |o| trap(o, c"feenableexcept");
    "math.fenv.fedisableexcept", "fedisableexcept", "Is there fedisableexcept?", TRAPS, |o| trap(o, c"fedisableexcept");
    "math.fenv.fegetexcept", "fegetexcept", "Is there fegetexcept, and which traps are on at first?", TRAPS, |o| trap(o, c"fegetexcept");
    "math.fenv.trapped", "a trapped division by zero", "Does log(0) end the process by SIGFPE after feenableexcept?", TRAPS, |o| {
        let child = in_child(10, || {
            without_core();
            if env::trap(c"feenableexcept", DIVIDED_BY_ZERO | INVALID).is_none() {
                return 3;
            }
            f::log().map_or(4, |log| i32::from(log.call(&[0.0]).value.is_nan()))
        });
        let Some(child) = o.need("a child", child) else { return };
        o.fact("end", heap::format!("{}", child.end));
    };
    "math.fenv.all", "all exceptions", "Can all five exceptions be raised and seen?", C, |o| { env::clear(); env::raise(ALL); o.fact("all", env::flags() == ALL); };
}
