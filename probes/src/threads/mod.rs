//! Threads: how large a stack they get and what happens when it ends, how they are cancelled and joined, and what their
//! locks answer. The table below is the index of the area; each file holds the questions about one noun.

mod cancel;
mod data;
mod ends;
mod guard;
mod limits;
mod locks;
mod mutex;
mod overflow;
mod remedy;
mod semaphore;
mod stack;

use crate::case::Case;

/// Every case of the area.
pub static CASES: &[Case] = &[
    stack::DEFAULT,
    stack::RUNNING,
    stack::REQUESTED,
    stack::MAIN,
    stack::MAIN_GROWTH,
    stack::MINIMUM,
    stack::SIZES,
    stack::OWN,
    stack::ATTR_GETSTACK,
    stack::AFTER_JOIN,
    overflow::RECURSION,
    overflow::RECURSION_MAIN,
    overflow::HANDLER,
    overflow::ALTERNATE,
    remedy::HEADER,
    remedy::ATTRIBUTE,
    remedy::DEFAULT_RAISE,
    remedy::DEFAULT_LOWER,
    remedy::DEFAULT_OTHER,
    remedy::LIMIT_SMALL,
    remedy::LIMIT_LARGE,
    remedy::LIMIT_UNLIMITED,
    remedy::LIMIT_LATE,
    guard::DEFAULT,
    guard::SIZES,
    data::KEYS_LIMIT,
    data::KEYS_DESTRUCTORS,
    data::KEYS_DELETE,
    data::TLS_SMALL_STACK,
    data::TLS_ADDED,
    data::NAME_SET,
    data::NAME_GET,
    cancel::BLOCKED_READ,
    cancel::COMPUTING,
    cancel::ASYNCHRONOUS,
    cancel::DISABLED,
    cancel::BLOCKED_LOCK,
    cancel::POINTS_REQUIRED,
    cancel::POINTS_OTHER,
    ends::JOIN_SELF,
    ends::JOIN_DETACHED,
    ends::DETACH_TWICE,
    ends::TRY_JOIN,
    ends::ENDED_KILL,
    ends::ENDED_CANCEL,
    ends::ENDED_DETACH,
    ends::EXIT_MAIN,
    ends::EXIT_FORKED_MAIN,
    mutex::ERRORCHECK,
    mutex::RECURSIVE,
    mutex::NORMAL,
    mutex::ROBUST,
    mutex::ROBUST_UNRECOVERED,
    mutex::DESTROY_LOCKED,
    mutex::TIMED,
    mutex::ATTRIBUTES,
    locks::RWLOCK_HELD,
    locks::RWLOCK_RELOCK,
    locks::CONDITION_CLOCK,
    locks::CONDITION_WAIT,
    locks::BARRIER_COUNT,
    locks::BARRIER_SERIAL,
    semaphore::LIMIT,
    semaphore::INTERRUPTED,
    semaphore::RESTARTED,
    semaphore::TIMED,
    limits::CREATE,
    limits::CREATE_SIZED,
    limits::SYSCONF,
    limits::ATTRIBUTES,
    limits::SCHEDULE,
    limits::ALTERNATE_STACK,
    limits::FUNCTIONS,
];
