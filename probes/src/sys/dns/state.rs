//! `_res`, the state that resolv.h gives to programs. musl has the structure for programs that name it, and no use for it.

use core::ffi::{c_char, c_int, c_ulong};
use core::net::Ipv4Addr;

use crate::dns::{Query, State};
use crate::text;

/// The beginning of `struct __res_state`, which is the same in both families' resolv.h.
#[repr(C)]
struct ResState {
    retrans: c_int,
    retry: c_int,
    options: c_ulong,
    nscount: c_int,
    servers: [libc::sockaddr_in; 3],
    id: u16,
    search: [*const c_char; 7],
    domain: [c_char; 256],
    print: c_ulong,
    /// `ndots` is the lowest four bits.
    bits: u32,
}

unsafe extern "C" {
    /// What the macro `_res` of both families' resolv.h calls.
    fn __res_state() -> *mut ResState;
    /// What a program gets that says `res_init`: glibc's resolv.h has a macro of it.
    #[cfg_attr(target_env = "gnu", link_name = "__res_init")]
    fn res_init() -> c_int;
    #[cfg(target_env = "gnu")]
    #[link_name = "__res_nclose"]
    fn res_nclose(state: *mut ResState);
}

/// Takes `_res` back to what it is before the first look-up, so that the next one reads resolv.conf again and keeps no option of
/// the last. musl reads the file in every look-up.
pub fn forget() {
    // SAFETY: this thread's own state. Closing lets go of what belongs to it, and zeros say that it has not been set up.
    #[cfg(target_env = "gnu")]
    unsafe {
        let state = __res_state();
        if (*state).options != 0 {
            res_nclose(state);
        }
        ((*state).options, (*state).retrans, (*state).retry) = (0, 0, 0);
    }
}

/// res_init(3), and the state behind it.
pub fn init() -> State {
    // SAFETY: takes nothing.
    let returned = unsafe { res_init() };
    // SAFETY: this thread's own state, which nobody else reads or writes meanwhile.
    let state = unsafe { &*__res_state() };
    let count = usize::try_from(state.nscount).unwrap_or(0).min(state.servers.len());
    let servers = state.servers[..count].iter().map(|s| Ipv4Addr::from_bits(u32::from_be(s.sin_addr.s_addr)));
    let names = state.search.iter().take_while(|name| !name.is_null());
    State {
        returned,
        servers: servers.collect(),
        // SAFETY: the list ends in null or is full, and each name in it is terminated.
        search: names.map(|name| text::bytes(unsafe { core::ffi::CStr::from_ptr(*name) }.to_bytes())).collect(),
        ndots: state.bits & 0xf,
        retrans: state.retrans,
        retry: state.retry,
        options: state.options,
    }
}

/// What programs do that bring a server or flags of their own: they call res_init and then write into `_res`.
pub fn change(query: &Query) {
    // SAFETY: takes nothing.
    unsafe { res_init() };
    // SAFETY: this thread's own state, which nobody else reads or writes meanwhile.
    let state = unsafe { &mut *__res_state() };
    if let Some(server) = query.server {
        state.nscount = 1;
        state.servers[0].sin_family = libc::AF_INET as _;
        state.servers[0].sin_port = 53u16.to_be();
        state.servers[0].sin_addr.s_addr = server.to_bits().to_be();
    }
    state.options |= query.options as c_ulong;
}
