#!/bin/sh
# Renders the book: the pitfalls and cases that the program carries, and what the images answered that are built here, all
# versions of both families. A run over them takes some minutes; one that is there already is used again.
#
#   .make/book.sh LIBCDIFF FOLDER-FOR-TOOLS      results: reports/out/catalog.json, book-source, book/index.html
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
libcdiff=$1 tools=$2
out=reports/out

# The images with a definition of their own: what `make images` builds, and no other needs a registry.
built() {
    awk -F '"' '
        function end() { if (name != "") print name; name = "" }
        /^name *=/ { end(); called = $2 }
        /^definition *=/ { name = called }
        /^arch *=/ { name = "" }
        END { end() }
    ' containers/catalog.toml
}

if [ ! -e "$out/catalog.json" ]; then
    # shellcheck disable=SC2046 # names are words
    "$libcdiff" run $(built) --format json --output "$out/catalog.json"
fi
mdbook=$("$here/mdbook.sh" "$tools")
"$libcdiff" book "$out/catalog.json" --output "$out/book-source"
MDBOOK_LOG=warn "$mdbook" build "$out/book-source" --dest-dir "$PWD/$out/book"
echo "$out/book/index.html is the first page" >&2
