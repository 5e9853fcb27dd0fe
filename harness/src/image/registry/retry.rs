//! Patience: which failures are tried again, after which wait, and when it is enough.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::access::Patience;

/// Failures in a row.
#[derive(Debug)]
pub(super) struct Tries {
    patience: Patience,
    failed: u32,
}

impl Tries {
    /// None yet.
    pub fn new(patience: Patience) -> Self {
        Self { patience, failed: 0 }
    }

    /// Something came; failures are counted anew.
    pub fn progress(&mut self) {
        self.failed = 0;
    }

    /// Counts a failure: how long to wait before the next try, `None` if it is enough. `asked` is what the other side asks for.
    pub fn failure(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.failed += 1;
        let doubled = self.patience.first_wait.saturating_mul(1 << (self.failed - 1).min(16));
        let wait = doubled.max(asked.unwrap_or_default());
        let enough =
            self.failed >= self.patience.tries || asked.is_some_and(|asked| asked > self.patience.longest_wait);
        (!enough).then(|| wait.min(self.patience.longest_wait))
    }
}

/// Whether an answer of this status may be another one a little later.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// What a `Retry-After` header asks for: seconds, or a date (RFC 9110).
pub(super) fn asked(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(header).ok()?;
    Some((date.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_and_begin_anew_after_progress() {
        let ms = Duration::from_millis;
        let patience = Patience { tries: 4, first_wait: ms(10), longest_wait: ms(100), ..Patience::default() };
        let mut tries = Tries::new(patience);
        let waits = [tries.failure(None), tries.failure(None), tries.failure(None), tries.failure(None)];
        assert_eq!(waits, [Some(ms(10)), Some(ms(20)), Some(ms(40)), None]);
        tries.progress();
        assert_eq!(tries.failure(Some(ms(70))), Some(ms(70)));
        assert_eq!(tries.failure(Some(ms(101))), None, "nobody waits for that long");
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        let now = DateTime::parse_from_rfc2822("Sun, 06 Nov 1994 08:49:30 GMT").expect("a date").with_timezone(&Utc);
        assert_eq!(asked(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(asked("soon", now), None);
    }
}
