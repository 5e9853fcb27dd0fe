#!/bin/sh
# Prints the mdBook that renders the book: the one of this version on PATH, else one that it builds with cargo from the
# index of Rust packages into a folder of the project's own, which takes a few minutes the first time and nothing
# afterwards. Nothing is installed for anybody else, and mdBook itself has neither its server nor its watcher.
#
#   .make/mdbook.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=0.5.4
folder=$1

right() { # COMMAND
    [ "$("$1" --version 2>/dev/null)" = "mdbook v$version" ]
}

if right mdbook; then
    command -v mdbook
    exit
fi
own=$folder/bin/mdbook
if ! right "$own"; then
    echo "book: building mdBook $version into $folder" >&2
    cargo=${CARGO:-$("$here/cargo.sh")}
    # shellcheck disable=SC2086 # a command and its first words
    nice $cargo install --quiet --locked --root "$folder" --no-default-features --features search \
        --version "$version" mdbook >&2
fi
right "$own" || {
    echo "book: $own is not mdBook $version" >&2
    exit 3
}
echo "$own"
