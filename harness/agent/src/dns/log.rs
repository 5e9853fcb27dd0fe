//! The log of one case's queries, bounded: whoever asks without end fills neither memory nor the report.

use std::time::{Duration, Instant};

use libcdiff_protocol::Query;

/// A hundred times more than any resolver asks for one name.
const MOST: usize = 4096;

/// Queries in order of arrival.
pub struct Log {
    start: Instant,
    queries: Vec<Query>,
}

impl Log {
    /// An empty log whose clock starts now.
    pub fn new() -> Self {
        Self { start: Instant::now(), queries: Vec::new() }
    }

    /// Notes a query that arrived `age` ago. The entry after the last one that fits says that there were more.
    pub fn add(&mut self, age: Duration, query: Query) {
        if self.queries.len() < MOST {
            let at_ms = self.start.elapsed().saturating_sub(age).as_millis() as u64;
            self.queries.push(Query { at_ms, ..query });
        } else if self.queries.len() == MOST {
            let [server, transport, kind, rcode] = [(); 4].map(|()| "-".to_owned());
            let (at_ms, name) = (self.queries[MOST - 1].at_ms, format!("more than {MOST} queries"));
            self.queries.push(Query { at_ms, server, transport, name, kind, rcode, ..Query::default() });
        }
    }

    /// Everything that was noted.
    pub fn into_queries(self) -> Vec<Query> {
        self.queries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_ends_in_one_entry_that_says_so() {
        let mut log = Log::new();
        for _ in 0..MOST + 100 {
            log.add(Duration::ZERO, Query { name: "a.test.".into(), ..Query::default() });
        }
        let queries = log.into_queries();
        assert_eq!(queries.len(), MOST + 1);
        assert_eq!(queries[MOST].name, "more than 4096 queries");
    }
}
