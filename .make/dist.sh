#!/bin/sh
# Builds what is given away: libcdiff with all programs inside as one static file, which needs no C library of the machine
# that it runs on, its digest, its manual pages and completions. It is linked with musl as the agent is.
#
#   .make/dist.sh PROBES FOLDER      results: FOLDER/libcdiff-VERSION-ARCH-linux[.sha256], FOLDER/{man,completions}
#
# The result is looked at before it gets its name: it is static, it is small enough to be fetched in every pipeline, it tells
# nobody where it was built, and it starts in a root folder where nothing else is.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
here=$root/probes/build
cd "$root"
probes=$(cd "$1" && pwd) folder=$2
most_bytes=20000000
target=${CARGO_TARGET_DIR:-target}
target=$(cd "$target" && pwd)
cargo=${CARGO:-$("$root/.make/cargo.sh")}
ARCH=
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET

. "$here/machine.sh"
. "$here/toolchain.sh"
[ "$builder" != cross ] || { echo "dist: needs BUILDER=rustup or BUILDER=source" >&2 && exit 3; }
. "$here/local.sh"
. "$here/flags.sh"

# Which commit, where this is a checkout.
commit=$(git rev-parse HEAD 2>/dev/null || true)
[ -z "$commit" ] || [ -z "$(git status --porcelain --untracked-files=no)" ] || commit="$commit, with changes that are not in it"

# Messages of panics name files of crates, by a path that means nothing elsewhere.
crates=${CARGO_HOME:-$HOME/.cargo}/registry/src
for sources in "$crates"/*; do
    program_flags="$program_flags --remap-path-prefix=$sources=crates"
done
program_flags="$program_flags --remap-path-prefix=$target=target --remap-path-prefix=$root=libcdiff"

upper=$(echo "$musl" | tr a-z- A-Z_)
# shellcheck disable=SC2086,SC2116 # words are meant to split, and lines to join
env "CARGO_TARGET_${upper}_LINKER=$musl_linker" "CARGO_TARGET_${upper}_RUSTFLAGS=$(echo $program_flags)" \
    "CC_$(echo "$musl" | tr - _)=$musl_linker" LIBCDIFF_PROBES="$probes" LIBCDIFF_COMMIT="$commit" \
    $probe_cargo build --quiet --locked --profile static --target "$musl" --target-dir "$target" $probe_std --package libcdiff
built=$target/$musl/static/stripped
# Not left to the compiler: with musl-gcc the table of symbols stayed.
strip --strip-all -o "$built" "$target/$musl/static/libcdiff"

wrong() { # WHY
    echo "dist: $built is not to be given away: $1" >&2
    exit 1
}
headers=$(readelf --wide --program-headers "$built")
case $headers in *INTERP* | *DYNAMIC*) wrong "it is not static" ;; esac
bytes=$(wc -c <"$built")
[ "$bytes" -le "$most_bytes" ] || wrong "it has $bytes bytes, and $most_bytes are enough"
for path in "$root" "$target" "$crates"; do
    ! grep -qF "$path" "$built" || wrong "it says $path"
done

mkdir -p "$folder"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=libcdiff-$version-$arch-linux
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
cp "$built" "$empty/libcdiff"
alone() { # COMMAND...: in a root folder with this program and nothing else
    if [ "$(id -u)" = 0 ]; then chroot "$empty" "$@"; else unshare --user --map-root-user chroot "$empty" "$@"; fi
}
alone /libcdiff --version >/dev/null || wrong "it does not start in an empty root folder"
alone /libcdiff man >/dev/null || wrong "it does not print its manual in an empty root folder"

cp "$built" "$folder/.new"
mv -f "$folder/.new" "$folder/$name"
(cd "$folder" && sha256sum "$name" >"$name.sha256")
rm -rf "$folder/man" "$folder/completions"
mkdir "$folder/completions"
"$built" man "$folder/man"
"$built" completions bash >"$folder/completions/libcdiff.bash"
"$built" completions zsh >"$folder/completions/_libcdiff"
"$built" completions fish >"$folder/completions/libcdiff.fish"
echo "$folder/$name: $bytes bytes, static" >&2
