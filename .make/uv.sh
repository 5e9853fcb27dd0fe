#!/bin/sh
# Prints where uv is, which the tests of `libcdiff wheels` run: on PATH, or as a pinned version in FOLDER, fetched once. Where it
# cannot be had, nothing: those tests say so.
#
#   .make/uv.sh FOLDER
set -eu
version=0.13.9
folder=$1/uv-$version
if [ ! -x "$folder/bin/uv" ]; then
    command -v uv && exit
    { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet "uv==$version"; } >/dev/null 2>&1 || exit 0
fi
echo "$folder/bin/uv"
