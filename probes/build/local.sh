# Sourced by build.sh: how each flavour is linked with this machine's compilers.
#
# Sets the linkers, the flags of each flavour, and where the C libraries are that are linked against (for the audit).

made=$target/probe-build${foreign:+/$arch}
sysroot=$made/sysroot
unwinder=$made/unwinder
floor=$made/floor
gnu_linker=cc
musl_linker=musl-gcc
if [ -n "$foreign" ]; then
    gnu_linker=$triplet-gcc
    musl_linker=$made/musl/musl-gcc
    "$here/musl-cross.sh" "$made/musl"
fi
DEBIAN_ARCH=$debian "$here/sysroot.sh" "$sysroot"
"$here/unwinder.sh" "$unwinder" "$gnu_linker" "$musl_linker"
"$here/floor.sh" "$sysroot" "$floor" "$gnu_linker"

start_files="--sysroot=$sysroot -B$sysroot/usr/lib/$triplet"
# What compiles C for each C library.
gnu_cc="$gnu_linker $start_files -fuse-ld=bfd"
musl_cc=$musl_linker
own_c='-C link-self-contained=no'
gnu_flags="-C link-arg=--sysroot=$sysroot -C link-arg=-B$sysroot/usr/lib/$triplet -C link-arg=-fuse-ld=bfd"
musl_flags="$own_c"
static_flags="$own_c"
program_flags="$own_c -L native=$unwinder"
# What needs std besides: of glibc no newer symbols, and the unwinder linked in.
gnu_std_flags="-L native=$floor -L native=$unwinder"
musl_std_flags="-L native=$unwinder"

recorder_gnu=$gnu_linker recorder_flags=$start_files
recorder_musl=$musl_linker

glibc_folder=$sysroot/lib/$triplet
# `musl-gcc -print-file-name=libc.a` names glibc's; what it really links is what its linker says it opened.
musl_archive=$(echo 'int main(void) { return 0; }' | $musl_linker -static -x c - -o /dev/null -Wl,-t | grep '/libc\.a$' | head -n 1)
gnu_linker_version=$($gnu_linker --version | head -n 1)
musl_linker_version="musl-gcc, $($musl_linker --version | head -n 1)"
