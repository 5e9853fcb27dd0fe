# Sourced by build.sh: finds the Rust toolchain that builds everything that goes into an image, the same one for all
# flavours, so that a difference is never one between compilers.
#
# Sets `builder`, `probe_cargo` (a command), `probe_rustc` (its compiler, asked for its version) and cargo's extra arguments
# for the musl target: `probe_core` for what needs core and alloc, `probe_std` for what needs std. With rustup, its ready-made
# libraries for musl are used; without, Debian's compiler and the source of its libraries, which must be of one version.

debian_rust=/usr/lib/rustlib/src/rust/library/Cargo.lock

has_target() { # TARGET
    command -v rustup >/dev/null 2>&1 && rustup target list --installed 2>/dev/null | grep -qx "$1"
}

# The target for glibc comes with a toolchain of this machine's own.
has_targets() {
    has_target "$musl" && { [ -z "$foreign" ] || has_target "$gnu"; }
}

has_source() {
    [ -x /usr/bin/cargo ] && [ -x /usr/bin/rustc ] && [ -e "$debian_rust" ]
}

use_rustup() {
    has_targets || return 1
    builder=rustup probe_cargo=cargo probe_rustc=rustc probe_core='' probe_std=''
    echo "probes: building with rustup's $musl" >&2
}

use_source() {
    has_source || return 1
    builder=source probe_rustc=/usr/bin/rustc
    # Rust's own builds split the compiler's built-in functions finely, so that a program links those it calls. In one piece,
    # its `ceil`, `cbrt` and twenty more would be linked in, exported, and answer in place of the image's C library.
    finely='--config profile.probe.package.compiler_builtins.codegen-units=10000'
    probe_core="-Zbuild-std=core,alloc $finely" probe_std="-Zbuild-std=std,panic_abort $finely"
    probe_cargo='env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo'
    echo "probes: building with Debian's compiler, and std for $musl from its source" >&2
}

use_cross() {
    command -v cross >/dev/null 2>&1 && has_targets || {
        echo "probes: BUILDER=cross needs cross ('cargo install cross') and rustup's target ('rustup target add $musl')" >&2
        exit 3
    }
    builder=cross probe_cargo=cross probe_rustc=rustc probe_core='' probe_std=''
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
