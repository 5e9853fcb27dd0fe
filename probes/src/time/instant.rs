//! Instants: dates of the Gregorian calendar as seconds since 1970, computed when the tables are compiled, so that a
//! table can say a date where C wants a number.

/// Seconds from 1970-01-01 00:00:00 UTC to this time of the Gregorian calendar, without leap seconds.
pub const fn at(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
}

/// Days from 1970-01-01, counted in years that begin with March, so that a leap day is the last of its year.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Days before each month, from March on: 31 30 31 30 31, twice over.
    let before = (153 * month + 2) / 5;
    365 * year + leap_days + before + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::at;
    use crate::sys::time::gmtime;
    use crate::time::tm::date_time;

    #[test]
    fn an_instant_is_the_date_that_it_was_written_as() {
        let dates =
            [(1970, 1, 1), (2000, 2, 29), (2020, 12, 31), (1900, 3, 1), (1, 1, 1), (-400, 2, 29), (10_000, 7, 4)];
        for (year, month, day) in dates {
            let tm = gmtime(at(year, month, day, 3, 4, 5)).expect("a date that C knows");
            assert_eq!(date_time(&tm), format!("{year}-{month:02}-{day:02} 03:04:05"));
        }
    }
}
