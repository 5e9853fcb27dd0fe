# Sourced by build.sh: finds the Rust toolchain that builds everything that goes into an image, the same one for all
# flavours, so that a difference is never one between compilers.
#
# Sets `probe_cargo` (a command) and `probe_std` (its extra arguments for the musl target). With rustup, its ready-made
# standard library for musl is used where it can be had; without, Debian's compiler and the source of its standard library.

debian_rust=/usr/lib/rustlib/src/rust/library/Cargo.lock

toolchain_rustup() {
    command -v rustup >/dev/null 2>&1 || return 1
    rustup target list --installed 2>/dev/null | grep -qx x86_64-unknown-linux-musl ||
        rustup -q target add x86_64-unknown-linux-musl >/dev/null 2>&1 || return 1
    probe_cargo=cargo
    probe_std=
    echo "probes: rustup's x86_64-unknown-linux-musl" >&2
}

toolchain_source() {
    [ -x /usr/bin/cargo ] && [ -e "$debian_rust" ] || return 1
    probe_cargo='env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTUP_TOOLCHAIN= /usr/bin/cargo'
    probe_std='-Zbuild-std=std,panic_abort'
    echo "probes: no rustup target to be had; building std for musl from Debian's source" >&2
}

no_toolchain() {
    echo "probes: no Rust toolchain for x86_64-unknown-linux-musl: run 'make setup' as root, or install rustup" >&2
    exit 3
}

case ${BUILDER:-auto} in
auto) toolchain_rustup || toolchain_source || no_toolchain ;;
rustup) toolchain_rustup || no_toolchain ;;
source) toolchain_source || no_toolchain ;;
*) echo "probes: unknown BUILDER '$BUILDER': expected auto, rustup, source or cross" >&2 && exit 2 ;;
esac
