//! Look-ups: calls to the stub resolver under test.
