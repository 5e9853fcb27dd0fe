#!/bin/sh
# Builds what goes into an image: the probes in three flavours, the reference programs, and the agent.
#
#   probes/build/build.sh FOLDER      results: FOLDER/{gnu,musl,musl-static,reference}/PROGRAM, FOLDER/objects/{gnu,musl},
#                                     FOLDER/allocators/{gnu,musl}/NAME.so, FOLDER/recorder/{gnu,musl}.so, FOLDER/agent,
#                                     FOLDER/build.json
#   BUILDER=auto|rustup|source|cross  which Rust toolchain (toolchain.sh); auto takes rustup's musl target where it is there
#   ARCH=x86_64|aarch64               for which machine, else for this one; what is for another goes to FOLDER/foreign/ARCH,
#                                     and has neither benches nor allocators nor recorders: only questions cross machines
#
# How a probe is linked must not leak into its answers. Each flavour is linked the way the C compiler of its own C library
# links an ordinary program: cc with the start files of an old glibc for gnu, musl-gcc for both musl flavours. No unwinder,
# no compiler runtime, no start-up code but the C library's own. libcdiff-probe-audit looks at every result, and without
# its blessing there is no build.json.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/machine.sh"
out=$1${foreign:+/foreign/$arch}
cd "$root"
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target" "$out"
target=$(cd "$target" && pwd)
cargo=${CARGO:-$("$root/.make/cargo.sh")}
# These would take the place of the flags below.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET

. "$here/toolchain.sh"
work=$target/probe-build${foreign:+/$arch}/$builder
mkdir -p "$work"
if [ "$builder" = cross ]; then . "$here/cross.sh"; else . "$here/local.sh"; fi

. "$here/flags.sh"

build() { # TARGET LINKER FLAGS FOLDER CARGO-ARGUMENT...: sets `built`, the folder, and `programs`, the names in it
    triple=$1 linker=$2 flags=$3 folder=$work/$4
    shift 4
    upper=$(echo "$triple" | tr a-z- A-Z_)
    # shellcheck disable=SC2086,SC2116 # words are meant to split, and lines to join
    messages=$(env "CARGO_TARGET_${upper}_LINKER=$linker" "CARGO_TARGET_${upper}_RUSTFLAGS=$(echo $flags)" \
        "CC_$(echo "$triple" | tr - _)=$linker" \
        $probe_cargo build --quiet --locked --profile probe --target "$triple" --target-dir "$folder" \
        --message-format json-render-diagnostics "$@")
    built=$folder/$triple/probe
    programs=$(echo "$messages" | sed -n 's|.*"executable":"[^"]*/\([^"/]*\)".*|\1|p')
}

# A file that did not change keeps its time, so that the harness, which takes everything in, is not built again.
renew() { # NEW OLD
    if cmp -s "$1" "$2"; then return; fi
    # From here to the audit the folder is not one to use.
    rm -f "$out/build.json"
    cp -f "$1" "$2.new"
    mv -f "$2.new" "$2"
}

collect() { # FOLDER: holds the programs of the last build afterwards, and nothing else
    mkdir -p "$1"
    for old in "$1"/*; do
        echo "$programs" | grep -qx "$(basename "$old")" || rm -f "$old"
    done
    for name in $programs; do
        renew "$built/$name" "$1/$name"
    done
}

# The allocators that are measured beside a C library's own: to be preloaded, and to be linked into static programs.
allocators=$target/probe-build/allocators
allocator_record='[]' linked=''
if [ -n "$gnu_cc" ] && [ -z "$foreign" ]; then
    GNU_CC=$gnu_cc MUSL_CC=$musl_cc SYSROOT_STAMP=${sysroot:-}/complete CARGO=$cargo "$here/../allocators/build.sh" "$allocators"
    allocator_record=$(cat "$allocators/allocators.json")
    linked=$(cd "$allocators/static" && echo lib*.a | sed 's/lib\([^ ]*\)\.a/\1/g')
    export LIBCDIFF_ALLOCATORS="$allocators/static"
    for file in gnu musl licences; do
        mkdir -p "$out/allocators/$file"
        for built in "$allocators/$file"/*; do
            renew "$built" "$out/allocators/$file/${built##*/}"
        done
    done
else
    rm -rf "$out/allocators"
fi

probes='--package libcdiff-probes --bins --features libcdiff-probes/programs'
# Built by itself: it has std, and would switch on features of crates that the probes use without.
benches='--package libcdiff-benches --bins --features libcdiff-benches/programs'

flavour() { # NAME TARGET LINKER FLAGS STD-FLAGS: the probes of one flavour, and the benches
    core='' std=''
    if [ "$2" = "$musl" ] || [ -n "$foreign" ]; then core=$probe_core std=$probe_std; fi
    # shellcheck disable=SC2086 # words are meant to split
    build "$2" "$3" "$4" "$1" $core $probes
    if [ -z "$foreign" ]; then benches_of "$@"; fi
    collect "$out/$1"
}

benches_of() { # as `flavour`: adds their names to those of the probes
    first=$programs
    # shellcheck disable=SC2086 # words are meant to split
    {
        # Linked with an allocator, under its name; the plain program comes last, so that `bench` is that one.
        if [ "$1" = musl-static ]; then
            for name in $linked; do
                build "$2" "$3" "$4 $5" "$1" $std $benches,libcdiff-benches/"$name"
                cp -f "$built/bench" "$built/bench-$name"
                first=$(printf '%s\n%s' "$first" "bench-$name")
            done
        fi
        build "$2" "$3" "$4 $5" "$1" $std $benches
    }
    programs=$(printf '%s\n%s' "$first" "$programs")
}

# What asks no C library, and the agent.
own_programs() {
    # shellcheck disable=SC2086 # words are meant to split
    {
        build "$musl" "$musl_linker" "$program_flags" program $probe_std --package libcdiff-reference --bins
        collect "$out/reference"
        build "$musl" "$musl_linker" "$program_flags" program $probe_std --package libcdiff-agent --bins
    }
    renew "$built/libcdiff-agent" "$out/agent"
}

# Side by side: each has a folder of its own, and waits now and then for one crate that has to be compiled alone.
flavour gnu "$gnu" "$gnu_linker" "$gnu_flags" "$gnu_std_flags" &
lanes=$!
flavour musl "$musl" "$musl_linker" "$musl_flags" "$musl_std_flags" &
lanes="$lanes $!"
{
    flavour musl-static "$musl" "$musl_linker" "$static_flags" "$musl_std_flags"
    own_programs
} &
lanes="$lanes $!" failed=
for lane in $lanes; do wait "$lane" || failed=yes; done
[ -z "$failed" ] || exit 1

# What the cases of the area `loader` are about; of no flavour, since no C library is in it.
CC=$gnu_linker "$here/objects/build.sh" "$work/objects"
if ! diff -rq "$work/objects" "$out/objects" >/dev/null 2>&1; then
    rm -rf "$out/build.json" "$out/objects"
    cp -R "$work/objects" "$out/objects"
fi

recorders() {
    # shellcheck disable=SC2086 # a command and its first words
    {
        "$root/probes/recorder/build.sh" "$work/recorder/gnu.so" "$recorder_flags" $recorder_gnu
        "$root/probes/recorder/build.sh" "$work/recorder/musl.so" '' $recorder_musl
    }
    mkdir -p "$out/recorder"
    for name in gnu.so musl.so; do
        renew "$work/recorder/$name" "$out/recorder/$name"
    done
}

# What can be asked, said by the probes themselves; it is the same on every machine. A program with a dash in its name is
# another's, linked otherwise; the workloads of `bench` are measured, not asked.
lists() {
    for program in "$out"/musl-static/*; do
        case ${program##*/} in
        bench | *-*) ;;
        *) "$program" --list ;;
        esac
    done >"$work/cases.jsonl"
    renew "$work/cases.jsonl" "$out/cases.jsonl"
    "$out/musl-static/bench" --list >"$work/workloads.jsonl"
    renew "$work/workloads.jsonl" "$out/workloads.jsonl"
    "$out/musl-static/fuzz-worker" --list >"$work/targets.jsonl"
    renew "$work/targets.jsonl" "$out/targets.jsonl"
}

# Preloaded into programs whose calls of malloc are recorded; linked as the dynamic flavours are.
if [ -z "$foreign" ]; then
    recorders
    lists
fi

# Programs for two machines are of use together only where they were built from the same.
sources=$(find probes harness/agent harness/protocol Cargo.toml Cargo.lock -type f ! -name '*.md' ! -path '*/tests/*' |
    LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c 1-64)

cat >"$work/build.json" <<JSON
{
  "arch": "$arch",
  "sources": "$sources",
  "builder": "$builder",
  "toolchain": "$($probe_rustc --version)",
  "linkers": { "gnu": "$gnu_linker_version", "musl": "$musl_linker_version" },
  "libraries": { "glibc": "$glibc_folder", "musl": "$musl_archive" },
  "allocators": $allocator_record
}
JSON
$cargo run --quiet --locked --release --package libcdiff-probe-audit -- "$out" --json --record "$work/build.json" || {
    rm -f "$out/build.json"
    exit 1
}
renew "$work/build.json" "$out/build.json"
