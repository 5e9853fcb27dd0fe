//! Figures for people: three digits, a unit that fits, and a width that stays.

use crate::bench::statistics::Interval;

/// A number with three digits that mean something.
pub fn digits(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Nanoseconds.
pub fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns >= 999.5e6 => (ns / 1e9, "s"),
        ns if ns >= 999.5e3 => (ns / 1e6, "ms"),
        ns if ns >= 9999.5 => (ns / 1e3, "us"),
        ns => (ns, "ns"),
    };
    format!("{} {unit}", digits(value))
}

/// Bytes.
pub fn bytes(bytes: f64) -> String {
    let (value, unit) = match bytes {
        b if b >= 1023.5 * 1024.0 * 1024.0 => (b / 1024.0 / 1024.0 / 1024.0, "GiB"),
        b if b >= 1023.5 * 1024.0 => (b / 1024.0 / 1024.0, "MiB"),
        b if b >= 1023.5 => (b / 1024.0, "KiB"),
        b => return format!("{b:.0} B"),
    };
    format!("{} {unit}", digits(value))
}

/// A ratio: `29.7x`.
pub fn ratio(ratio: f64) -> String {
    match ratio {
        // Small ratios would lose their digits.
        r if r < 0.0995 => format!("{r:.3}x"),
        r => format!("{}x", digits(r)),
    }
}

/// The interval of a ratio: `[28.1, 31.0]`. Near 1 it has a digit more, since that is where it decides.
pub fn interval(interval: &Interval) -> String {
    let near = (0.9..1.1).contains(&interval.median);
    let end = |value: f64| match near && value < 9.995 || value < 0.0995 {
        true => format!("{value:.3}"),
        false => digits(value),
    };
    format!("[{}, {}]", end(interval.low), end(interval.high))
}

/// A count for 1000 operations.
pub fn count(value: f64) -> String {
    match value {
        v if v < 0.0005 => "0".into(),
        v if v < 0.9995 => format!("{v:.3}"),
        v if v >= 99_950.0 => format!("{:.0}k", v / 1000.0),
        v => digits(v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        assert_eq!(
            [8.3, 244.4, 8546.0, 16_450.0, 4.92e6, 2e9].map(time),
            ["8.30 ns", "244 ns", "8546 ns", "16.4 us", "4.92 ms", "2.00 s"]
        );
        assert_eq!([512.0, 2048.0, 103.8 * 1048576.0].map(bytes), ["512 B", "2.00 KiB", "104 MiB"]);
        assert_eq!([29.66, 0.24, 0.0312, 1.0].map(ratio), ["29.7x", "0.24x", "0.031x", "1.00x"]);
        assert_eq!([0.0, 0.0123, 12.34, 256_000.0].map(count), ["0", "0.012", "12.3", "256k"]);
    }

    #[test]
    fn an_interval_near_one_has_a_digit_more() {
        assert_eq!(interval(&Interval { median: 1.0, low: 0.9876, high: 1.0123 }), "[0.988, 1.012]");
        assert_eq!(interval(&Interval { median: 29.7, low: 23.04, high: 32.06 }), "[23.0, 32.1]");
        assert_eq!(interval(&Interval { median: 0.05, low: 0.0412, high: 0.0512 }), "[0.041, 0.051]");
    }
}
