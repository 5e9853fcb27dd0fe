//! Calls that the kernel refuses from now on, as another kernel or file system would: what the C library makes of it is a
//! question, and no machine has all of them.

use core::ffi::c_long;
use heap::vec::Vec;

use super::call::{Errno, check};

/// From now on these system calls fail in this process with this error number. There is no way back.
pub fn refuse(calls: &[c_long], errno: i32) -> Result<(), Errno> {
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = Vec::from([step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)]);
    for (n, call) in calls.iter().enumerate() {
        // Over the comparisons that are left and the permission, to the refusal.
        let to_refusal = (calls.len() - n) as u8;
        filter.push(step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, to_refusal, 0, *call as u32));
    }
    filter.push(step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW));
    filter.push(step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | errno as u32));
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the program and its steps are readable during the call; the kernel copies them.
    unsafe {
        check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
        check(libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program))?;
    }
    Ok(())
}
