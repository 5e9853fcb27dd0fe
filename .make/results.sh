#!/bin/sh
# Renews the published results: runs every case in the images that are built here and in those of Alpine, and makes the
# comparison of them. Takes some minutes; images for other machines are left out.
#
#   .make/results.sh LIBCDIFF FOLDER      results: FOLDER/catalog.json.xz, the run file, and FOLDER/versions.md, made of it
#   LIBCDIFF_TEST_IMAGES=FOLDER           archives of root file systems (alpine-*.tar.gz); without it a registry is asked
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
libcdiff=$(realpath "$1") folder=$(realpath "$2")
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# By family and version: what a new version changes is told against the one before it.
glibc='debian-11 debian-12 debian-13 debian-sid'
musl='alpine-3.12 debian-11-musl debian-12-musl alpine-3.17 debian-13-musl alpine-3.20 debian-sid-musl'

images=''
for name in $glibc $musl; do
    archive=${LIBCDIFF_TEST_IMAGES:-}/$name.tar.gz
    if [ -e "$archive" ]; then
        # Beside the run, so that the run file names the archive and no place on this machine.
        ln -s "$archive" "$made/$name.tar.gz"
        name=$name.tar.gz
    fi
    images="$images $name"
done
cd "$made"
# shellcheck disable=SC2086 # names are words
"$libcdiff" run $images -o json=catalog.json --format table >/dev/null
"$libcdiff" report catalog.json --format versions >versions.md
# What `libcdiff report` reads: no window above 32 MiB.
xz -8e catalog.json
mv catalog.json.xz versions.md "$folder"
