# Sourced by build.sh for BUILDER=cross: the same flavours, linked inside the images that Cross.toml names.
#
# The start files, the C libraries and the linkers are the images' own: glibc 2.17 of CentOS 7, and the musl of
# musl-cross-make. For the audit, the C libraries are copied out of the images with the engine that cross itself uses.

engine=${CROSS_CONTAINER_ENGINE:-$(command -v docker || command -v podman || true)}
[ -n "$engine" ] || { echo "probes: BUILDER=cross needs docker or podman" >&2 && exit 3; }

image() { # TARGET
    awk -v table="[target.$1]" -F '"' '$0 == table { inside = 1; next } /^\[/ { inside = 0 } inside && /^image/ { print $2 }' Cross.toml
}

# By a path that holds wherever cross mounts the sources.
gnu_linker=probes/build/gcc-without-lld.sh
musl_linker=x86_64-linux-musl-gcc
# No allocators: CentOS 7's gcc 4.8 knows no C11 atomics, which mimalloc is made of. `bench` says that they are missing.
gnu_cc='' musl_cc=''
own_c='-C link-self-contained=no'
gnu_flags=''
musl_flags="$own_c"
static_flags="$own_c"
# Rust's own musl and unwinder: nobody asks the agent and the reference about a C library.
program_flags='-C link-self-contained=yes'
# The unwinder of the images' own compilers, by a path that holds inside of them.
gnu_std_flags='-L native=probes/build/unwinder'
musl_std_flags=$gnu_std_flags

in_image() { # TARGET COMPILER: the compiler of an image, which sees the sources and the folder for results
    echo "$engine run --rm --volume $root:$root --volume $target:$target --workdir $root $(image "$1") $2"
}
recorder_flags=''
recorder_gnu=$(in_image "$gnu" gcc)
recorder_musl=$(in_image "$musl" x86_64-linux-musl-gcc)

glibc_folder=$work/libraries
musl_archive=$work/libraries/libc.a
mkdir -p "$glibc_folder"
"$engine" run --rm "$(image "$gnu")" tar -C /lib64 -ch libc.so.6 libpthread.so.0 libdl.so.2 libm.so.6 librt.so.1 libresolv.so.2 |
    tar -C "$glibc_folder" -x
"$engine" run --rm "$(image "$musl")" cat /usr/local/x86_64-linux-musl/lib/libc.a >"$musl_archive"
gnu_linker_version=$("$engine" run --rm "$(image "$gnu")" gcc --version | head -n 1)
musl_linker_version=$("$engine" run --rm "$(image "$musl")" x86_64-linux-musl-gcc --version | head -n 1)
