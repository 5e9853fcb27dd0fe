#!/bin/sh
# Builds what goes into an image: the probes in three flavours, the reference programs, and the agent.
#
#   probes/build/build.sh FOLDER      results: FOLDER/{gnu,musl,musl-static,reference}/PROGRAM, FOLDER/agent, FOLDER/build.json
#
# How a probe is linked must not leak into its answers. Each flavour is linked the way the C compiler of its own C library
# links an ordinary program: cc with the start files of Debian 11 for gnu, musl-gcc for both musl flavours. No unwinder,
# no compiler runtime, no start-up code but the C library's own; `libcdiff-probe-audit` looks at every result.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$1
work=${CARGO_TARGET_DIR:-$root/target}/probe-build
sysroot=$work/sysroot
cd "$root"

. "$here/toolchain.sh"
"$here/sysroot.sh" "$sysroot"
"$here/unwinder.sh" "$work/unwinder"

musl=x86_64-unknown-linux-musl
gnu=x86_64-unknown-linux-gnu
own_c='-C link-self-contained=no'
gnu_flags="-C link-arg=--sysroot=$sysroot -C link-arg=-B$sysroot/usr/lib/x86_64-linux-gnu -C link-arg=-fuse-ld=bfd
    -C link-arg=-lpthread -C link-arg=-ldl -C link-arg=-lresolv -C link-arg=-lm -C link-arg=-lc"
musl_flags="$own_c -C target-feature=-crt-static -C link-arg=-lc"
static_flags="$own_c -C target-feature=+crt-static -C relocation-model=static -C link-arg=-Wl,-Bstatic -C link-arg=-lc"
# The agent and the reference are ordinary static programs with Rust's std; nobody asks them about a C library.
program_flags="$own_c -C target-feature=+crt-static -C relocation-model=static -L native=$work/unwinder"

build() { # TARGET FLAGS FOLDER CARGO-ARGUMENT...
    target=$1 flags=$2 folder=$3
    shift 3
    linker=cc
    [ "$target" = $musl ] && linker=musl-gcc
    std=
    [ "$target" = $musl ] && std=$probe_std
    upper=$(echo "$target" | tr a-z- A-Z_)
    # shellcheck disable=SC2086 # words are meant to split
    env "CARGO_TARGET_${upper}_LINKER=$linker" "CARGO_TARGET_${upper}_RUSTFLAGS=$(echo $flags)" \
        $probe_cargo build --quiet --locked --profile probe --target "$target" $std --target-dir "$work/$folder" "$@"
    built=$work/$folder/$target/probe
}

collect() { # FOLDER: every program of the last build
    mkdir -p "$1"
    find "$built" -maxdepth 1 -type f -perm -u+x ! -name '*.so' -exec cp -f {} "$1" \;
}

probes='--package libcdiff-probes --bins --features libcdiff-probes/programs'
build $gnu "$gnu_flags" gnu $probes
collect "$out/gnu"
build $musl "$musl_flags" musl $probes
collect "$out/musl"
build $musl "$static_flags" musl-static $probes
collect "$out/musl-static"
build $musl "$program_flags" program --package libcdiff-reference --package libcdiff-agent
mkdir -p "$out/reference"
find "$built" -maxdepth 1 -type f -perm -u+x ! -name 'libcdiff-agent' -exec cp -f {} "$out/reference" \;
cp -f "$built/libcdiff-agent" "$out/agent"

# shellcheck disable=SC2086
printf '{"toolchain":"%s","linkers":{"gnu":"%s","musl":"%s"}}\n' \
    "$($probe_cargo rustc --version 2>/dev/null || $probe_cargo --version)" "$(cc --version | head -n 1)" "$(musl-gcc --version | head -n 1)" >"$out/build.json"

# What can be asked, said by the probes themselves. A program with a dash in its name is another's, linked otherwise.
for program in "$out"/musl-static/*; do
    case ${program##*/} in
    *-*) ;;
    *) "$program" --list ;;
    esac
done >"$out/cases.jsonl"
