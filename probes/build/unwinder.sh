#!/bin/sh
# Makes the `libunwind.a` that Rust's std asks for when it is linked with musl-gcc: gcc's own unwinder, and the one
# function of glibc's that it calls. Probes do not need it; the agent, the reference programs and the benches do. With gcc
# it stands in for libgcc_s, which an image need not have.
#
#   probes/build/unwinder.sh FOLDER COMPILER MUSL-COMPILER
set -eu
folder=$1 cc=$2 musl_cc=$3
[ -e "$folder/libunwind.a" ] && exit 0
mkdir -p "$folder"
echo 'int _dl_find_object(void *pc, void *result) { (void)pc; (void)result; return -1; }' |
    "$musl_cc" -O2 -c -x c - -o "$folder/dl_find_object.o"
cp "$("$cc" -print-file-name=libgcc_eh.a)" "$folder/libgcc_s.a"
ar r "$folder/libgcc_s.a" "$folder/dl_find_object.o"
cp "$folder/libgcc_s.a" "$folder/libunwind.a"
