//! Conversions to integers, and functions that give more than one result.

use super::{asks, exact, flags};
use crate::outcome::Outcome;
use crate::sys::math::integers::{
    Converted, by_mode, by_mode_long, exponent, fraction, log_gamma, not_a_number, parts, quotient, round, round_long,
    sign_after_log_gamma, sine_and_cosine,
};
use crate::text;

const ILOGB: &str = "ISO C11 7.12.6.5, F.10.3.5: FP_ILOGB0 and FP_ILOGBNAN; POSIX.1-2017 ilogb()";
const LROUND: &str =
    "ISO C11 7.12.9.7, F.10.6.7: unspecified where the result does not fit; POSIX.1-2017 lround(): a domain error";
const REMQUO: &str = "ISO C11 7.12.10.3, F.10.7.3";
const GAMMA: &str = "POSIX.1-2017 lgamma(): signgam; glibc NEWS 2.23";
const NAN: &str = "ISO C11 7.12.11.2, F.10.8.2";
const C: &str = "ISO C11 F.10.3.4, F.10.3.12";

fn converted(o: &mut Outcome, converted: Converted) {
    o.fact("value", converted.value);
    o.fact("errno", text::errno(converted.errno.0));
    o.fact("flags", flags(converted.flags));
}

fn pair(o: &mut Outcome, (first, second): (f64, f64)) {
    o.fact("first", exact(first));
    o.fact("second", exact(second));
}

fn quotients(o: &mut Outcome, x: f64, y: f64) {
    let (rest, quotient) = quotient(x, y);
    o.fact("rest", exact(rest));
    o.fact("quotient", quotient);
}

fn gamma(o: &mut Outcome, x: f64) {
    let (value, sign) = log_gamma(x);
    o.fact("infinite", value.is_infinite());
    o.fact("sign", sign);
    o.fact("signgam", sign_after_log_gamma(x));
}

asks! {
    "math.ilogb.zero", "ilogb(0)", "Which value, errno and flags does ilogb(0) give?", ILOGB, |o| converted(o, exponent(0.0));
    "math.ilogb.nan", "ilogb(nan)", "Which value, errno and flags does ilogb(nan) give?", ILOGB, |o| converted(o, exponent(f64::NAN));
    "math.ilogb.infinity", "ilogb(infinity)", "Which value, errno and flags does ilogb(infinity) give?", ILOGB, |o| converted(o, exponent(f64::INFINITY));
    "math.ilogb.subnormal", "ilogb of the smallest number", "Which value does ilogb of the smallest number give?", ILOGB, |o| converted(o, exponent(5e-324));
    "math.lround.half", "lround(2.5)", "Does lround take halves away from zero?", LROUND, |o| converted(o, round(2.5));
    "math.lround.nan", "lround(nan)", "Which value, errno and flags does lround(nan) give?", LROUND, |o| converted(o, round(f64::NAN));
    "math.lround.infinity", "lround(infinity)", "Which value, errno and flags does lround(infinity) give?", LROUND, |o| converted(o, round(f64::INFINITY));
    "math.lround.large", "lround(1e30)", "Which value, errno and flags does lround(1e30) give?", LROUND, |o| converted(o, round(1e30));
    "math.lround.below-half", "lround(0.49999999999999994)", "Is lround of the number before a half 0?", LROUND, |o| converted(o, round(0.499_999_999_999_999_94));
    "math.llround.large", "llround(-1e30)", "Which value, errno and flags does llround(-1e30) give?", LROUND, |o| converted(o, round_long(-1e30));
    "math.lrint.half", "lrint(2.5)", "Does lrint take halves to even?", LROUND, |o| converted(o, by_mode(2.5));
    "math.lrint.nan", "lrint(nan)", "Which value, errno and flags does lrint(nan) give?", LROUND, |o| converted(o, by_mode(f64::NAN));
    "math.llrint.large", "llrint(1e30)", "Which value, errno and flags does llrint(1e30) give?", LROUND, |o| converted(o, by_mode_long(1e30));
    "math.remquo.plain", "remquo(29, 3)", "Which rest and quotient does remquo(29, 3) give?", REMQUO, |o| quotients(o, 29.0, 3.0);
    "math.remquo.negative", "remquo(-29, 3)", "Which sign has the quotient of remquo(-29, 3)?", REMQUO, |o| quotients(o, -29.0, 3.0);
    "math.remquo.both-negative", "remquo(-29, -3)", "Which sign has the quotient of remquo(-29, -3)?", REMQUO, |o| quotients(o, -29.0, -3.0);
    "math.remquo.half", "remquo(5, 2)", "Does remquo(5, 2) take the even quotient?", REMQUO, |o| quotients(o, 5.0, 2.0);
    "math.remquo.exact", "remquo(-6, 3)", "Which sign has the rest of remquo(-6, 3)?", REMQUO, |o| quotients(o, -6.0, 3.0);
    "math.remquo.large", "remquo(1e300, 3)", "Which rest and quotient does remquo(1e300, 3) give?", REMQUO, |o| quotients(o, 1e300, 3.0);
    "math.gamma.sign-minus-half", "signgam of -0.5", "Do lgamma_r and lgamma store the sign of gamma(-0.5)?", GAMMA, |o| gamma(o, -0.5);
    "math.gamma.sign-minus-1-5", "signgam of -1.5", "Do lgamma_r and lgamma store the sign of gamma(-1.5)?", GAMMA, |o| gamma(o, -1.5);
    "math.gamma.sign-minus-zero", "signgam of -0", "Which sign do lgamma_r and lgamma store for -0?", GAMMA, |o| gamma(o, -0.0);
    "math.gamma.sign-pole", "signgam of -1", "Which sign do lgamma_r and lgamma store for a pole?", GAMMA, |o| gamma(o, -1.0);
    "math.nan.empty", "nan of nothing", "Which bits has nan of an empty text?", NAN, |o| o.fact("bits", heap::format!("{:016x}", not_a_number(c"").to_bits()));
    "math.nan.number", "nan of a number", "Which bits has nan of 0x123?", NAN, |o| o.fact("bits", heap::format!("{:016x}", not_a_number(c"0x123").to_bits()));
    "math.nan.word", "nan of a word", "Which bits has nan of a word?", NAN, |o| o.fact("bits", heap::format!("{:016x}", not_a_number(c"abc").to_bits()));
    "math.frexp.plain", "frexp(10)", "Which parts does frexp(10) give?", C, |o| { let (part, exponent) = parts(10.0); o.fact("part", exact(part)); o.fact("exponent", exponent); };
    "math.frexp.subnormal", "frexp of the smallest number", "Which parts does frexp of the smallest number give?", C, |o| { let (part, exponent) = parts(5e-324); o.fact("part", exact(part)); o.fact("exponent", exponent); };
    "math.frexp.zero", "frexp(-0)", "Which parts does frexp(-0) give?", C, |o| { let (part, exponent) = parts(-0.0); o.fact("part", exact(part)); o.fact("exponent", exponent); };
    "math.frexp.infinity", "frexp(infinity)", "Which exponent does frexp leave for infinity, where 77 was stored?", C, |o| { let (part, exponent) = parts(f64::INFINITY); o.fact("part", exact(part)); o.fact("exponent", exponent); };
    "math.modf.negative", "modf(-3.25)", "Which parts does modf(-3.25) give?", C, |o| pair(o, fraction(-3.25));
    "math.modf.infinity", "modf(-infinity)", "Which parts does modf(-infinity) give?", C, |o| pair(o, fraction(f64::NEG_INFINITY));
    "math.sincos.zero", "sincos(-0)", "Is there sincos, and what does it give for -0?", "sincos(3)", |o| match sine_and_cosine(-0.0) { Some(both) => pair(o, both), None => o.line("no sincos") };
}
