//! Conversions of doubles, in the rounding mode that a program starts with. Other modes are in the area `math`.

use super::prints;
use crate::stdio::source::{C_PRINT as C, GNU_PRINT as GNU, NO_PRINT as NO, XSI_PRINT as XSI};
use crate::sys::stdio::format::Word::N;
use crate::sys::stdio::format::print;

prints! {
    "stdio.printf.f", "6 decimals", C, c"%f %F", [], [1.5, -1.5];
    "stdio.printf.f-halves", "halves without decimals", C, c"%.0f %.0f %.0f %.0f", [], [0.5, 1.5, 2.5, -3.5];
    "stdio.printf.f-half-decimals", "halves after decimals", C, c"%.1f %.1f %.2f %.3f", [], [0.25, 0.75, 1.005, 1.0005];
    "stdio.printf.f-alternative", "a point kept by #", C, c"%#.0f %#.0e %#g", [], [3.0, 3.0, 3.0];
    "stdio.printf.f-large", "1e22 and 1e23 in full", C, c"%.0f %.0f", [], [1e22, 1e23];
    "stdio.printf.f-max", "the largest double in full", C, c"%.0f", [], [f64::MAX];
    "stdio.printf.f-min", "the smallest double to 1,074 decimals", C, c"%.1074f", [], [5e-324];
    "stdio.printf.f-exact", "0.1 to 60 decimals", C, c"%.60f", [], [0.1];
    "stdio.printf.f-precision-500", "500 decimals", C, c"%.500f", [], [1.0 / 3.0];
    "stdio.printf.f-negative-zero", "negative zero", C, c"%f %.0f %+f", [], [-0.0, -0.4, -0.0];
    "stdio.printf.f-inf", "infinities", C, c"%f %F %010f %+f", [], [f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY];
    "stdio.printf.f-nan", "not a number", C, c"%f %F %010f %+f", [], [f64::NAN, f64::NAN, f64::NAN, f64::NAN];
    "stdio.printf.f-nan-negative", "negative not a number", GNU, c"%f %e %g %a", [], [-f64::NAN, -f64::NAN, -f64::NAN, -f64::NAN];
    "stdio.printf.f-apostrophe", "grouping in the C locale", XSI, c"%'.2f", [], [1_234_567.891];
    "stdio.printf.lf", "l before f", C, c"%lf %le", [], [1.5, 1.5];
    "stdio.printf.llf", "ll before f", NO, c"<%llf>", [], [1.5];
    "stdio.printf.hf", "h before f", NO, c"<%hf>", [], [1.5];
    "stdio.printf.e", "an exponent", C, c"%e %E %.0e", [], [12345.678, 12345.678, 12345.678];
    "stdio.printf.e-halves", "halves with an exponent", C, c"%.0e %.0e %.1e", [], [25.0, 35.0, 1.25];
    "stdio.printf.e-three-digits", "exponents of three digits", C, c"%e %e", [], [1e100, 1e-100];
    "stdio.printf.e-zero", "0 with an exponent", C, c"%e %.0e", [], [0.0, -0.0];
    "stdio.printf.g", "%g chooses", C, c"%g %g %g %g", [], [100_000.0, 1_000_000.0, 0.0001, 0.00001];
    "stdio.printf.g-precision-0", "%g with precision 0", C, c"%.0g %.0g", [], [25.0, 0.00012];
    "stdio.printf.g-17", "17 digits", C, c"%.17g %.17g", [], [0.1, 1e23];
    "stdio.printf.g-alternative", "zeros kept by #", C, c"%#g %#.3g", [], [1.5, 100.0];
    "stdio.printf.G", "%G", C, c"%G %G", [], [1e-10, f64::INFINITY];
    "stdio.printf.g-round-up", "%g that rounds to another power", C, c"%.3g %.3g", [], [999.5, 9.995e-5];
    "stdio.printf.a", "hexadecimal", C, c"%a %A", [], [1.0, -0.1];
    "stdio.printf.a-zero", "hexadecimal 0", C, c"%a %a", [], [0.0, -0.0];
    "stdio.printf.a-precision", "hexadecimal, rounded", C, c"%.0a %.1a %.3a", [], [1.5, 1.99, 0.1];
    "stdio.printf.a-halves", "hexadecimal halves", C, c"%.0a %.0a %.1a %.1a", [], [1.5, 2.5, 1.03125, 1.09375];
    "stdio.printf.a-long", "hexadecimal with more digits than there are", C, c"%.20a", [], [0.1];
    "stdio.printf.a-subnormal", "hexadecimal, subnormal", C, c"%a %a", [], [5e-324, 1e-310];
    "stdio.printf.a-width", "hexadecimal in a field", C, c"[%20a][%-20a][%020a]", [], [1.5, 1.5, -1.5];
    "stdio.printf.a-alternative", "hexadecimal with #", C, c"%#a %#.0a %+a", [], [1.0, 1.0, 1.0];
    "stdio.printf.f-star", "precision from arguments", C, c"%*.*f", [N(10), N(2)], [2.34567];
    "stdio.printf.f-star-negative", "negative precision from an argument", C, c"%.*f", [N(-1)], [2.5];
    "stdio.printf.f-zero-minus", "zero and minus", C, c"[%-010.2f][%010.2f]", [], [-3.5, -3.5];
    "stdio.printf.f-position", "doubles by position", XSI, c"%2$.1f %1$.2f", [], [1.5, 2.5];
}
