//! Allocation: calls to the allocator under test.
