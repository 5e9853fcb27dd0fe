# Sourced by build.sh: finds the Rust toolchain that builds everything that goes into an image, the same one for all
# flavours, so that a difference is never one between compilers.
#
# Sets `builder`, `probe_cargo` (a command), `probe_rustc` (its compiler, asked for its version) and `probe_std` (cargo's
# extra arguments for the musl target). With rustup, its ready-made standard library for musl is used; without, Debian's
# compiler and the source of its standard library, which must be of one version.

debian_rust=/usr/lib/rustlib/src/rust/library/Cargo.lock
musl=x86_64-unknown-linux-musl
gnu=x86_64-unknown-linux-gnu

has_musl_target() {
    command -v rustup >/dev/null 2>&1 && rustup target list --installed 2>/dev/null | grep -qx "$musl"
}

has_source() {
    [ -x /usr/bin/cargo ] && [ -x /usr/bin/rustc ] && [ -e "$debian_rust" ]
}

use_rustup() {
    has_musl_target || return 1
    builder=rustup probe_cargo=cargo probe_rustc=rustc probe_std=
    echo "probes: building with rustup's $musl" >&2
}

use_source() {
    has_source || return 1
    builder=source probe_rustc=/usr/bin/rustc probe_std='-Zbuild-std=std,panic_abort'
    probe_cargo='env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo'
    echo "probes: building with Debian's compiler, and std for $musl from its source" >&2
}

use_cross() {
    command -v cross >/dev/null 2>&1 && has_musl_target || {
        echo "probes: BUILDER=cross needs cross ('cargo install cross') and rustup's target ('rustup target add $musl')" >&2
        exit 3
    }
    builder=cross probe_cargo=cross probe_rustc=rustc probe_std=
}

no_toolchain() {
    echo "probes: no Rust toolchain for $musl: run 'make setup' as root, or 'rustup target add $musl'" >&2
    exit 3
}

case ${BUILDER:-auto} in
auto) use_rustup || use_source || no_toolchain ;;
rustup) use_rustup || no_toolchain ;;
source) use_source || no_toolchain ;;
cross) use_cross ;;
*) echo "probes: unknown BUILDER '$BUILDER': expected auto, rustup, source or cross" >&2 && exit 2 ;;
esac
