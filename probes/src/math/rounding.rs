//! The four rounding modes: what follows them, in mathematics and in stdio.

use heap::string::String;

use super::{asks, exact};
use crate::outcome::{Outcome, Value};
use crate::sys::math::environment::{MODES, rounded};
use crate::sys::math::function::{self as f, Function};
use crate::sys::math::integers;
use crate::sys::stdio::format::print;
use crate::sys::strings::numbers::{double, float};
use crate::text;

const ROUND: &str = "ISO C11 7.12.9, F.10.6; IEEE 754-2008 5.9";
const TEXT: &str =
    "ISO C11 F.5: conversions are correctly rounded; musl wiki, Functional differences; glibc stdio-common/printf_fp.c";
const WIDE: &str = "ISO C11 F.10: functions need not honour the rounding mode; glibc manual, Errors in Math Functions";

fn each(o: &mut Outcome, answer: impl Fn() -> String) {
    let rows = MODES.iter().map(|(name, mode)| ((*name).into(), Value::from(rounded(*mode, &answer))));
    o.table("by_mode", rows.collect());
}

fn of(o: &mut Outcome, function: Option<Function>, arguments: &[f64]) {
    let Some(function) = function else { return super::absent(o) };
    each(o, || exact(function.call(arguments).value));
}

fn printed(o: &mut Outcome, format: &core::ffi::CStr, number: f64) {
    each(o, || print(512, format, &[], &[number]).text.map_or("nothing".into(), |bytes| text::bytes(&bytes)));
}

/// Whether a function is still right to within 2 in the last place in every mode.
fn sane(o: &mut Outcome, function: Option<Function>, arguments: &[f64], right: f64) {
    let Some(function) = function else { return super::absent(o) };
    each(o, || {
        let distance = (function.call(arguments).value.to_bits() as i64).abs_diff(right.to_bits() as i64);
        if distance <= 2 { "within 2 in the last place".into() } else { "further off".into() }
    });
}

asks! {
    "math.rounding.rint", "rint(2.5)", "What is rint(2.5) in each rounding mode?", ROUND, |o| of(o, f::rint(), &[2.5]);
    "math.rounding.rint-negative", "rint(-2.5)", "What is rint(-2.5) in each rounding mode?", ROUND, |o| of(o, f::rint(), &[-2.5]);
    "math.rounding.nearbyint", "nearbyint(0.1)", "What is nearbyint(0.1) in each rounding mode?", ROUND, |o| of(o, f::nearbyint(), &[0.1]);
    "math.rounding.round", "round(2.5)", "Is round(2.5) the same in each rounding mode?", ROUND, |o| of(o, f::round(), &[2.5]);
    "math.rounding.round-large", "round(4503599627370495.5)", "Is round the same in each mode near 2^52?", ROUND, |o| of(o, f::round(), &[4_503_599_627_370_495.5]);
    "math.rounding.floor", "floor(-0.5)", "Is floor(-0.5) the same in each rounding mode?", ROUND, |o| of(o, f::floor(), &[-0.5]);
    "math.rounding.ceil", "ceil(0.5)", "Is ceil(0.5) the same in each rounding mode?", ROUND, |o| of(o, f::ceil(), &[0.5]);
    "math.rounding.trunc", "trunc(-2.5)", "Is trunc(-2.5) the same in each rounding mode?", ROUND, |o| of(o, f::trunc(), &[-2.5]);
    "math.rounding.lrint", "lrint(2.5)", "What is lrint(2.5) in each rounding mode?", ROUND, |o| each(o, || heap::format!("{}", integers::by_mode(2.5).value));
    "math.rounding.llrint", "llrint(-2.5)", "What is llrint(-2.5) in each rounding mode?", ROUND, |o| each(o, || heap::format!("{}", integers::by_mode_long(-2.5).value));
    "math.rounding.lround", "lround(2.5)", "Is lround(2.5) the same in each rounding mode?", ROUND, |o| each(o, || heap::format!("{}", integers::round(2.5).value));
    "math.rounding.sqrt", "sqrt(2)", "Does sqrt(2) follow the rounding mode?", ROUND, |o| of(o, f::sqrt(), &[2.0]);
    "math.rounding.fma", "fma(0.1, 0.1, 0)", "Does fma follow the rounding mode?", ROUND, |o| of(o, f::fma(), &[0.1, 0.1, 0.0]);
    "math.rounding.fma-zero", "fma(1, 1, -1)", "Which sign has the zero of fma(1, 1, -1) in each rounding mode?", ROUND, |o| of(o, f::fma(), &[1.0, 1.0, -1.0]);
    "math.rounding.exp", "exp(1) in each mode", "Is exp(1) right in each rounding mode?", WIDE, |o| sane(o, f::exp(), &[1.0], core::f64::consts::E);
    "math.rounding.pow", "pow(1.1, 10) in each mode", "Is pow(1.1, 10) right in each rounding mode?", WIDE, |o| sane(o, f::pow(), &[1.1, 10.0], f64::from_bits(0x4004_bff4_78db_8fa7));
    "math.rounding.sin", "sin(1) in each mode", "Is sin(1) right in each rounding mode?", WIDE, |o| sane(o, f::sin(), &[1.0], 0.841_470_984_807_896_5);
    "math.rounding.sin-large", "sin(1e22) in each mode", "Is sin(1e22) right in each rounding mode?", WIDE, |o| sane(o, f::sin(), &[1e22], -0.852_200_849_767_138);
    "math.rounding.log", "log(10) in each mode", "Is log(10) right in each rounding mode?", WIDE, |o| sane(o, f::log(), &[10.0], core::f64::consts::LN_10);
    "math.rounding.tan", "tan(1.5) in each mode", "Is tan(1.5) right in each rounding mode?", WIDE, |o| sane(o, f::tan(), &[1.5], f64::from_bits(0x402c_33ed_8d0f_2c4d));
    "math.rounding.printf-f", "%.1f of 0.25", "Does printf round 0.25 to one decimal by the rounding mode?", TEXT, |o| printed(o, c"%.1f", 0.25);
    "math.rounding.printf-f-negative", "%.0f of -2.5", "Does printf round -2.5 by the rounding mode?", TEXT, |o| printed(o, c"%.0f", -2.5);
    "math.rounding.printf-third", "%.3f of a third", "Does printf cut a third by the rounding mode?", TEXT, |o| printed(o, c"%.3f", 1.0 / 3.0);
    "math.rounding.printf-e", "%.2e of 1.005e10", "Does printf round with an exponent by the rounding mode?", TEXT, |o| printed(o, c"%.2e", 1.005e10);
    "math.rounding.printf-g", "%.3g of 99.95", "Does printf round %g by the rounding mode?", TEXT, |o| printed(o, c"%.3g", 99.95);
    "math.rounding.printf-a", "%.1a of 1.03125", "Does printf round hexadecimal by the rounding mode?", TEXT, |o| printed(o, c"%.1a", 1.03125);
    "math.rounding.printf-exact", "%.2f of 0.5", "Does an exact decimal print alike in each rounding mode?", TEXT, |o| printed(o, c"%.2f", 0.5);
    "math.rounding.strtod", "strtod of 0.1", "Does strtod round 0.1 by the rounding mode?", TEXT, |o| each(o, || heap::format!("{:016x}", double(c"0.1").value.to_bits()));
    "math.rounding.strtod-hex", "strtod of hexadecimal", "Does strtod round 0x1.00000000000018p0 by the rounding mode?", TEXT, |o| each(o, || heap::format!("{:016x}", double(c"0x1.00000000000018p0").value.to_bits()));
    "math.rounding.strtod-overflow", "strtod of 1e309", "Does strtod give the largest number or infinity for 1e309 by the rounding mode?", TEXT, |o| each(o, || exact(double(c"1e309").value));
    "math.rounding.strtod-underflow", "strtod of 1e-400", "Does strtod give 0 or the smallest number for 1e-400 by the rounding mode?", TEXT, |o| each(o, || exact(double(c"1e-400").value));
    "math.rounding.strtof", "strtof of 0.1", "Does strtof round 0.1 by the rounding mode?", TEXT, |o| each(o, || heap::format!("{:08x}", float(c"0.1").value.to_bits()));
}
