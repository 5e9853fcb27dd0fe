#!/bin/sh
# Checks formatting, lints and shell scripts; nothing is changed. A checker that is not there fails the run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
cargo=${CARGO:-$("$here/cargo.sh")}

lacks() { # WHAT HOW
    echo "lint: needs $1: $2" >&2
    exit 3
}

$cargo fmt --version >/dev/null 2>&1 || lacks rustfmt "run 'rustup component add rustfmt', or install Debian's rustfmt-web"
$cargo clippy --version >/dev/null 2>&1 || lacks clippy "run 'rustup component add clippy', or install Debian's rust-web-clippy"
if ! command -v shellcheck >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "lint: installing shellcheck" >&2
    apt-get -qq update
    apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends shellcheck >/dev/null
fi
command -v shellcheck >/dev/null || lacks shellcheck "install the package of that name"

$cargo fmt --all --check
$cargo clippy --quiet --workspace --all-targets --locked -- -D warnings
own=$(uname -m)
added() { # TARGET: whether its libraries are at hand without building them
    command -v rustup >/dev/null && rustup target list --installed | grep -qx "$1"
}
programs() { # PACKAGE TARGET [LINT-OPTION...]
    package=$1 target=$2
    shift 2
    $cargo clippy --quiet --package "$package" --bins --features "$package/programs" --profile probe --target "$target" --locked \
        -- -D warnings "$@"
}
# The probe programs have no std and abort on panic, so they are looked at as they are built.
targets=$own-unknown-linux-gnu
if added "$own-unknown-linux-musl"; then targets="$targets $own-unknown-linux-musl"; fi
for target in $targets; do
    programs libcdiff-probes "$target"
    programs libcdiff-benches "$target"
done
# Another machine's too, so that nobody takes one machine for all; nothing is linked, so its compiler is not needed.
for arch in x86_64 aarch64; do
    target=$arch-unknown-linux-musl
    if [ "$arch" = "$own" ]; then continue; fi
    if added "$target"; then
        # A cast that one machine needs, since its char or wchar_t has a sign, is none on another.
        programs libcdiff-probes "$target" -A clippy::unnecessary_cast
        $cargo clippy --quiet --package libcdiff-agent --profile probe --target "$target" --locked -- -D warnings
    else
        echo "lint: skips the programs for $arch, whose libraries are not at hand: 'rustup target add $target' brings them" >&2
    fi
done
git ls-files '*.sh' .ci/run | xargs shellcheck
