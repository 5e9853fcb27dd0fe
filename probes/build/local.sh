# Sourced by build.sh: how each flavour is linked with this machine's compilers.
#
# Sets the linkers, the flags of each flavour, and where the C libraries are that are linked against (for the audit).

sysroot=$target/probe-build/sysroot
unwinder=$target/probe-build/unwinder
floor=$target/probe-build/floor
"$here/sysroot.sh" "$sysroot"
"$here/unwinder.sh" "$unwinder"
"$here/floor.sh" "$sysroot" "$floor"

gnu_linker=cc
musl_linker=musl-gcc
# What compiles C for each C library.
gnu_cc="cc --sysroot=$sysroot -B$sysroot/usr/lib/x86_64-linux-gnu -fuse-ld=bfd"
musl_cc=musl-gcc
own_c='-C link-self-contained=no'
gnu_flags="-C link-arg=--sysroot=$sysroot -C link-arg=-B$sysroot/usr/lib/x86_64-linux-gnu
    -C link-arg=-fuse-ld=bfd"
musl_flags="$own_c"
static_flags="$own_c"
program_flags="$own_c -L native=$unwinder"
# What needs std besides: of glibc no newer symbols, and the unwinder linked in.
gnu_std_flags="-L native=$floor -L native=$unwinder"
musl_std_flags="-L native=$unwinder"

recorder_gnu=cc recorder_flags="--sysroot=$sysroot -B$sysroot/usr/lib/x86_64-linux-gnu"
recorder_musl=musl-gcc

glibc_folder=$sysroot/lib/x86_64-linux-gnu
# `musl-gcc -print-file-name=libc.a` names glibc's; what it really links is what its linker says it opened.
musl_archive=$(echo 'int main(void) { return 0; }' | musl-gcc -static -x c - -o /dev/null -Wl,-t | grep '/libc\.a$' | head -n 1)
gnu_linker_version=$(cc --version | head -n 1)
musl_linker_version="musl-gcc, $(musl-gcc --version | head -n 1)"
