#!/bin/sh
# Installs what a build needs and this machine lacks. Says nothing and takes no time where nothing is missing.
#
#   .make/setup.sh             for the user who calls it
#   .make/setup.sh everyone    as root: for ordinary users too, who cannot use a Rust that lives in root's home
#
# As root, packages are installed with apt-get. An ordinary user is told the one command to run as root (exit code 3).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
musl=$(uname -m)-unknown-linux-musl
# Other machines that are built for, as ARCHES names them.
arches=${ARCHES:-}
debian_rust='rustc-web cargo-web rust-web-src'

# What must be there, and the package that brings it. The images of cross bring their own compilers.
missing_packages() {
    if [ "$builder" != cross ]; then
        command -v gcc >/dev/null || echo gcc
        echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1 || echo libc6-dev
        command -v musl-gcc >/dev/null || echo musl-tools
        # Its musl comes from Debian's packages for that machine (probes/build/musl-cross.sh).
        for arch in $arches; do
            command -v "$arch-linux-gnu-gcc" >/dev/null || echo "gcc-$(echo "$arch" | tr _ -)-linux-gnu"
        done
    fi
    command -v xz >/dev/null || echo xz-utils
    command -v zstd >/dev/null || echo zstd
    [ "$(id -u)" != 0 ] || for_tests
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || echo debian-archive-keyring
}

# What only tests use, and do without where nobody may install it: the tests of registries run a real one, and fill it with a
# real client; those of layers compare with what umoci unpacks; those that watch a network's counters take `ip`; those of container
# engines and clusters start their own; those of the HTML page open it in a browser; those of packages ask rpm what it installed.
for_tests() {
    [ -n "${FOR_TESTS:-}" ] || [ "$whom" = everyone ] || return 0
    command -v docker-registry >/dev/null || echo docker-registry
    command -v skopeo >/dev/null || echo skopeo
    command -v umoci >/dev/null || echo umoci
    command -v rpmbuild >/dev/null || echo rpm
    command -v ip >/dev/null || echo iproute2
    # Fetches the release in the scripts of pipelines; reads manual pages.
    command -v curl >/dev/null || echo curl
    command -v mandoc >/dev/null || echo mandoc
    command -v dockerd >/dev/null || echo docker.io
    command -v podman >/dev/null || echo podman
    command -v kubectl >/dev/null || echo kubernetes-client
    command -v chromium >/dev/null || echo chromium
    # Brings uv for the tests of wheels (.make/uv.sh).
    command -v uv >/dev/null || python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
    # Runs another machine's programs.
    command -v qemu-aarch64-static >/dev/null || echo qemu-user-static
}

# The targets for musl; of another machine, that for glibc too.
rustup_targets() {
    echo "$musl"
    for arch in $arches; do
        echo "$arch-unknown-linux-musl"
        echo "$arch-unknown-linux-gnu"
    done
}

has_rustup_target() {
    command -v rustup >/dev/null || return 1
    installed=$(rustup target list --installed 2>/dev/null) || return 1
    for target in $(rustup_targets); do
        echo "$installed" | grep -qx "$target" || return 1
    done
}

has_debian_rust() {
    [ -x /usr/bin/cargo ] && [ -e /usr/lib/rustlib/src/rust/library/Cargo.lock ]
}

# Whether there is a Rust for the builder: one for the caller, or one for everyone, which a Rust in root's home is not.
has_rust() {
    [ "$whom" = me ] || has_debian_rust || return 1
    "$here/cargo.sh" >/dev/null 2>&1 || return 1
    case $builder in
    source) has_debian_rust ;;
    rustup | cross) has_rustup_target ;;
    *) has_rustup_target || has_debian_rust ;;
    esac
}

# rustup's own library for musl is taken where rustup reaches its server; some networks are closed, and never answer.
add_rustup_target() {
    [ "$builder" != source ] && command -v rustup >/dev/null && "$here/cargo.sh" >/dev/null 2>&1 || return 1
    has_rustup_target && return
    targets=$(rustup_targets | tr '\n' ' ')
    echo "setup: adding rustup's targets: $targets" >&2
    # shellcheck disable=SC2086 # words are meant to split
    timeout 120 rustup -q target add $targets >/dev/null 2>&1 && return
    echo "setup: rustup cannot add it here; std will be built from Debian's source of it" >&2
    return 1
}

builder=${BUILDER:-auto}
whom=me
[ "$(id -u)" = 0 ] && [ "${1:-}" = everyone ] && whom=everyone
packages=$(missing_packages)
if ! has_rust; then
    add_rustup_target || case $builder in rustup | cross)
        echo "setup: BUILDER=$builder needs rustup's target $musl, which rustup cannot add here" >&2
        exit 3
        ;;
    esac
    has_rust || packages="$packages $debian_rust"
fi
# shellcheck disable=SC2086,SC2116 # words are meant to join into one line
packages=$(echo $packages)
[ -n "$packages" ] || exit 0

install="apt-get update && apt-get install -y --no-install-recommends $packages"
if ! command -v apt-get >/dev/null; then
    echo "setup: this machine lacks what Debian's packages $packages hold, and has no apt-get; install their like, and Rust with rustup" >&2
    exit 3
fi
if [ "$(id -u)" != 0 ]; then
    echo "setup: something is missing; run as root: $install" >&2
    exit 3
fi
echo "setup: installing $packages" >&2
apt-get -qq update
# Another installation, an unattended upgrade say, may hold the lock for a while.
# shellcheck disable=SC2086 # package names are meant to split
DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $packages >/dev/null || {
    echo "setup: apt-get could not install $packages; where Debian's Rust is not to be had, install Rust with rustup" >&2
    exit 3
}
# Their packages start services for everybody; the tests start their own.
for service in docker-registry docker.io podman; do
    case " $packages " in
    *" $service "*) [ ! -d /run/systemd/system ] || systemctl --quiet disable --now "${service%.io}" || true ;;
    esac
done
missing=$(missing_packages)
has_rust || missing="$missing Rust"
[ -z "$missing" ] || {
    needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/../Cargo.toml")
    echo "setup: still missing after installing: $missing (Rust must be $needed or newer, and fit BUILDER=$builder)" >&2
    exit 3
}
