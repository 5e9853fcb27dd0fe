//! Binary numbers, which C23 reads. glibc has functions of other names for them, which its headers choose from 2.38 on.

use super::{scan, scans};
use crate::stdio::source::C23_SCAN as C23;
use crate::sys::stdio::scan::Language::{C23 as NEW, C99};
use crate::sys::stdio::scan::Place::Int;

scans! {
    "stdio.scanf.b", "%b", C23, C99, c"101", c"%b", [Int(4)];
    "stdio.scanf.i-binary", "0b with %i by C99", C23, C99, c"0b101", c"%i", [Int(4)];
    "stdio.scanf.c23-b", "%b by C23", C23, NEW, c"101", c"%b", [Int(4)];
    "stdio.scanf.c23-b-prefix", "%b of 0b by C23", C23, NEW, c"0b101", c"%b", [Int(4)];
    "stdio.scanf.c23-i-binary", "0b with %i by C23", C23, NEW, c"0b101", c"%i", [Int(4)];
    "stdio.scanf.c23-w32d", "width w32 by C23", C23, NEW, c"-5", c"%w32d", [Int(4)];
    "stdio.scanf.w32d", "width w32 by C99", C23, C99, c"-5", c"%w32d", [Int(4)];
}
