#!/bin/sh
# Makes the recorder for one C library.
#
#   probes/recorder/build.sh FILE LINK-FLAGS COMPILER [ARGUMENT...]      result: FILE, a shared object to preload
#
# It holds no code of a C library, and needs its own one alone; libcdiff-probe-audit looks at that.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
file=$1 flags=$2
shift 2
mkdir -p "$(dirname "$file")"
# The headers of an old glibc want the kernel's, which it does not bring; those of the machine's own do no harm, since
# what is linked with it decides about versions.
"$@" -std=gnu11 -O2 -g0 -fPIC -fvisibility=hidden -fno-builtin -fno-stack-protector -Wall -Wextra -Werror \
    -c -o "$file.o" "$here/recorder.c"
# shellcheck disable=SC2086 # words are meant to split
"$@" $flags -shared -nostartfiles -fuse-ld=bfd -Wl,-soname,libcdiff-recorder.so -Wl,-z,noexecstack -Wl,-z,now -Wl,-z,relro \
    -Wl,--hash-style=both -Wl,--build-id=none -Wl,--no-undefined -o "$file" "$file.o" -Wl,--as-needed -ldl
rm "$file.o"
