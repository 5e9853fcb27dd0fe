//! Links `threads-stack8m` with a stack size of 8 MiB in its PT_GNU_STACK header: the remedy that the case
//! `threads.stack.header` shows at work. Every other probe keeps the size 0 that an ordinary program has.
//! `threads-tls1m` keeps a block of thread-local storage that nothing refers to.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-arg-bin=threads-stack8m=-Wl,-z,stack-size=8388608");
    println!("cargo:rustc-link-arg-bin=threads-tls1m=-Wl,-u,libcdiff_thread_block");
}
