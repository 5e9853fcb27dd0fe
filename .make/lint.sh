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
    apt-get -qq install -y --no-install-recommends shellcheck >/dev/null
fi
command -v shellcheck >/dev/null || lacks shellcheck "install the package of that name"

$cargo fmt --all --check
$cargo clippy --quiet --workspace --all-targets --locked -- -D warnings
# The probe programs have no std and abort on panic, so they are looked at as they are built; for musl where its libraries
# are at hand without building them.
targets=x86_64-unknown-linux-gnu
if command -v rustup >/dev/null && rustup target list --installed | grep -qx x86_64-unknown-linux-musl; then
    targets="$targets x86_64-unknown-linux-musl"
fi
for target in $targets; do
    $cargo clippy --quiet --package libcdiff-probes --bins --features libcdiff-probes/programs \
        --profile probe --target "$target" --locked -- -D warnings
    $cargo clippy --quiet --package libcdiff-benches --bins --features libcdiff-benches/programs \
        --profile probe --target "$target" --locked -- -D warnings
done
git ls-files '*.sh' .ci/run | xargs shellcheck
