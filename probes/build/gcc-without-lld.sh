#!/bin/sh
# gcc, less the option that makes it call lld: newer Rust compilers pass it, and the gcc 4.8 of CentOS 7 does not know it.
# Also the linker of build scripts, which no flag of ours reaches.
for argument; do
    shift
    [ "$argument" = -fuse-ld=lld ] || set -- "$@" "$argument"
done
exec gcc "$@"
