//! Allocation: the allocator under test, used as a program uses it and misused as programs do.
//!
//! Compilers know what `malloc` and its relatives do, and leave out calls whose result they believe to know: a block that is
//! allocated and freed, a size that can only fail, a write before a free. Here every call goes through a function pointer
//! that the compiler cannot see through ([`calls`]), and writes to blocks are volatile where they would be dead.

pub mod arenas;
pub mod calls;
pub mod interposed;
pub mod mappings;
pub mod misuse;
pub mod retention;
pub mod tuning;
