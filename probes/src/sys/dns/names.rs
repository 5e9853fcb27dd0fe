//! getnameinfo(3).

use core::ffi::{CStr, c_char};
use core::net::IpAddr;
use heap::vec;

use crate::dns::Names;
use crate::dns::answer::{NamesOf, eai};
use crate::sys::call::errno;
use crate::sys::process::monotonic_ms;
use crate::text;

/// Both families' NI_MAXSERV.
const SERVICE_BYTES: usize = 32;

/// The host and the service of a socket address.
pub fn getnameinfo(names: &Names) -> NamesOf {
    // SAFETY: all zero is a valid socket address of no family, large enough for each.
    let mut storage: libc::sockaddr_storage = unsafe { core::mem::zeroed() };
    let length = fill(&mut storage, names);
    let mut host = vec![0u8; names.host_size];
    let mut service = [0u8; SERVICE_BYTES];
    let start = monotonic_ms();
    // SAFETY: the address is initialised for its length, and both buffers are writable for theirs.
    let code = unsafe {
        libc::getnameinfo(
            (&raw const storage).cast(),
            length,
            host.as_mut_ptr().cast::<c_char>(),
            host.len() as _,
            service.as_mut_ptr().cast::<c_char>(),
            service.len() as _,
            names.flags,
        )
    };
    let elapsed_ms = monotonic_ms() - start;
    let string = |buffer: &[u8]| {
        CStr::from_bytes_until_nul(buffer).map_or_else(|_| text::bytes(buffer), |s| text::bytes(s.to_bytes()))
    };
    NamesOf {
        return_code: eai(code),
        errno: (code == libc::EAI_SYSTEM).then(errno),
        names: (code == 0).then(|| (string(&host), string(&service))),
        elapsed_ms,
    }
}

/// Writes the socket address and gives its length.
fn fill(storage: &mut libc::sockaddr_storage, names: &Names) -> libc::socklen_t {
    let address: *mut libc::sockaddr_storage = storage;
    match names.address.ip {
        IpAddr::V4(ip) => {
            // SAFETY: the storage is aligned and large enough for every family.
            let v4 = unsafe { &mut *address.cast::<libc::sockaddr_in>() };
            v4.sin_family = libc::AF_INET as _;
            v4.sin_port = names.port.to_be();
            v4.sin_addr.s_addr = ip.to_bits().to_be();
            size_of::<libc::sockaddr_in>() as _
        }
        IpAddr::V6(ip) => {
            // SAFETY: as above.
            let v6 = unsafe { &mut *address.cast::<libc::sockaddr_in6>() };
            v6.sin6_family = libc::AF_INET6 as _;
            v6.sin6_port = names.port.to_be();
            v6.sin6_addr.s6_addr = ip.octets();
            v6.sin6_scope_id = names.address.scope;
            size_of::<libc::sockaddr_in6>() as _
        }
    }
}
