# Sourced behind local.sh or cross.sh: completes the flags that each kind of program is linked with.

gnu_flags="$gnu_flags -C link-arg=-lpthread -C link-arg=-ldl -C link-arg=-lresolv -C link-arg=-lm -C link-arg=-lc"
musl_flags="$musl_flags -C target-feature=-crt-static -C link-arg=-lc"
# Without the static relocation model, musl-gcc makes a dynamic program out of -static-pie, silently. The version is asked
# for so that a static probe says which musl it holds.
static='-C target-feature=+crt-static -C relocation-model=static'
static_flags="$static_flags $static -C link-arg=-Wl,-Bstatic -C link-arg=-lc $wide_numbers -C link-arg=-Wl,-u,__libc_version"
program_flags="$program_flags $static $wide_numbers"
