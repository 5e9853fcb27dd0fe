#!/bin/sh
# Prints the cargo that builds the harness: the one on PATH where it is new enough, else Debian's own.
#
# Debian's packages rustc-web and cargo-web follow Rust's releases; they live in /usr/bin, where a rustup that comes
# first on PATH would hide the compiler from the cargo beside it, so the compiler is named along with it.
set -eu
here=$(dirname "$0")
needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/../Cargo.toml")

new_enough() { # COMMAND...
    version=$("$@" --version 2>/dev/null | cut -d ' ' -f 2)
    [ -n "$version" ] && [ "$(printf '%s\n' "$needed" "$version" | sort -V | head -n 1)" = "$needed" ]
}

if new_enough cargo; then
    echo cargo
elif new_enough /usr/bin/cargo; then
    echo env RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc /usr/bin/cargo
else
    echo "no cargo of version $needed or newer: run 'make setup', or install Rust with rustup" >&2
    exit 3
fi
