#!/bin/sh
# Makes the shared objects and little programs that the cases of the area `loader` are about.
#
#   probes/build/objects/build.sh FOLDER      results: FOLDER/gnu/NAME and FOLDER/musl/NAME; reads `arch` and the loaders
#                                             (machine.sh), and CC
#
# They hold no code of a C library and are the same for both families, but for the loader that a program asks for and for
# the name of the C library that one needs. Any cc for the machine makes them; no C library has to be there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cc=${CC:-cc}
common='-O1 -fPIC -ffreestanding -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables
    -nostdlib -fuse-ld=bfd -Wall -Wextra -Werror -Wl,-s -Wl,-z,noseparate-code -Wl,-z,lazy -Wl,-z,norelro -Wl,--build-id=none
    -Wl,--hash-style=both -Wl,-z,noexecstack'
# By machine: what keeps the code plain, the two ways to reach thread-local storage, glibc's first version there, and in the
# header of a library for another machine, that one's number.
case $arch in
x86_64)
    common="$common -fcf-protection=none" calls=gnu descriptors=gnu2 other_machine='\267'
    base='GLIBC_2.2.5 { getpid; __libc_start_main; };\nGLIBC_2.3.4 { __printf_chk; };\n'
    ;;
aarch64)
    common="$common -mno-outline-atomics" calls=trad descriptors=desc other_machine='\076'
    base='GLIBC_2.17 { getpid; __libc_start_main; __printf_chk; };\n'
    ;;
esac

make_one() { # NAME SOURCE FLAG...
    name=$1 source=$2
    shift 2
    # shellcheck disable=SC2086 # words are meant to split
    "$cc" $common $family -o "$name" "$here/$source.c" "$@"
}
lib() { # NAME SOURCE FLAG...
    name=$1 source=$2
    shift 2
    make_one "$name" "$source" -shared "-Wl,-soname,${name##*/}" "$@"
}
program() { # NAME FLAG...
    name=$1
    shift
    make_one "$name" program -pie "-Wl,-dynamic-linker,$loader" -Wl,--allow-shlib-undefined "$@" "stub/$libc"
}
versions() { # FILE NAME...: a version script in which each version is a child of none
    script=$1
    shift
    for version; do echo "$version { };"; done >"$script"
}

libraries() {
    lib a.so speaks '-DNAME="a"' -DVALUE=1
    lib c.so speaks '-DNAME="c"' -DVALUE=3
    lib needs-a.so speaks '-DNAME="needs-a"' -DVALUE=2 -Wl,--no-as-needed ./a.so "-Wl,-rpath,\$ORIGIN" -Wl,--enable-new-dtags
    lib nodelete.so speaks '-DNAME="nodelete"' -DVALUE=4 -Wl,-z,nodelete
    lib unique.so speaks '-DNAME="unique"' -DVALUE=5 -DUNIQUE
    lib libdep.so speaks '-DNAME="dep"' -DVALUE=6
    mkdir -p sub other hardware/glibc-hwcaps/x86-64-v2
    mv libdep.so sub/libdep.so
    lib other/libdep.so speaks '-DNAME="dep of other"' -DVALUE=7
    cp other/libdep.so hardware/libdep.so
    lib hardware/glibc-hwcaps/x86-64-v2/libdep.so speaks '-DNAME="dep for x86-64-v2"' -DVALUE=8
    lib sub/mid.so speaks '-DNAME="mid"' -DVALUE=9 -Wl,--no-as-needed sub/libdep.so
    lib wants-missing.so counter -DSTART=0 -Wl,--no-as-needed sub/libdep.so
    make_one file-name.so speaks -shared '-DNAME="named"' -DVALUE=10 -Wl,-soname,other-name.so
    lib counter.so counter -DSTART=0
    lib counter100.so counter -DSTART=100
    lib provider.so quiet
    lib wants.so wants
    lib wants-now.so wants -Wl,-z,now
    lib wants-data.so wants -DDATA
    lib wants-weak.so wants -DWEAK
    lib answer1.so answers -DVALUE=1
    lib answer2.so answers -DVALUE=2
    lib answer2-symbolic.so answers -DVALUE=2 -Wl,-Bsymbolic
    lib answer-next.so answers -DVALUE=3 -DNEXT
    lib handler.so handler
    lib symbols.so symbols
    lib ifunc.so ifunc
    lib ifunc-local.so ifunc -DLOCAL
    lib chosen-by-constructor.so ifunc -DPOINTER
    lib arguments.so arguments
    lib arguments-read.so arguments -DREADS
    lib initial.so initial -Wl,-init,begin -Wl,-fini,end
    lib audit.so audit
    lib stack.so counter -DSTART=0 -Wl,-z,execstack
    lib stack-size.so counter -DSTART=0 -Wl,-z,stack-size=4194304
    lib tls.so tls -DBYTES=16 -ftls-model=global-dynamic "-mtls-dialect=$calls"
    lib tls-descriptors.so tls -DBYTES=16 -ftls-model=global-dynamic "-mtls-dialect=$descriptors"
    lib tls-large.so tls -DBYTES=1048576 -ftls-model=global-dynamic "-mtls-dialect=$calls"
    lib tls-initial.so tls -DBYTES=16 -ftls-model=initial-exec
    lib tls-initial-static.so tls -DBYTES=16 -DLOCAL -ftls-model=initial-exec
    lib tls-initial-large.so tls -DBYTES=65536 -ftls-model=initial-exec
}

versioned() {
    versions v12.map V1 V2
    printf 'V1 { first; };\nV2 { second; };\n' >v12named.map
    versions v1.map V1
    lib versions.so versions -Wl,--version-script=v12.map
    lib versions-named.so versions -Wl,--version-script=v12named.map
    lib versions-hidden.so versions -DHIDDEN -Wl,--version-script=v1.map
    for version in V1 V3; do
        echo "$version { edition; };" >one.map
        mkdir -p link
        make_one link/versions.so edition -shared -Wl,-soname,versions.so -Wl,--version-script=one.map
        lib "wants-$version.so" edition -DASKS link/versions.so "-Wl,-rpath,\$ORIGIN"
    done
    rm -r link ./*.map
}

# Both C libraries, as far as the linker asks.
stubs() {
    mkdir stub
    printf '%b' "${base}GLIBC_ABI_DT_RELR { };\n" >libc.map
    make_one stub/libc.so.6 libc -shared -Wl,-soname,libc.so.6 -Wl,--version-script=libc.map
    make_one stub/libc.so libc -shared -Wl,-soname,libc.so
    rm libc.map
}

# Objects that look like something else, or need a C library by its name.
others() {
    lib for-glibc.so foreign stub/libc.so.6
    lib for-musl.so counter -DSTART=0 -Wl,--no-as-needed stub/libc.so
    lib packed.so pointers -Wl,-z,pack-relative-relocs 2>/dev/null
    lib packed-marked.so pointers -DMARKED -Wl,-z,pack-relative-relocs stub/libc.so.6 2>/dev/null
    # Not every linker packs relocations for every machine; one that does not says so, and leaves them as they were.
    for name in packed packed-marked; do
        readelf -d "$name.so" | grep -q RELR || rm "$name.so"
    done
    lib pointers.so pointers
    : >empty.so
    echo /tmp/a.so >preload-list
    yes 'This is not a library.' | head -n 20 >text.so
    head -c 32 a.so >short.so
    patched class32.so 4 '\001'
    patched machine.so 18 "$other_machine"
}

patched() { # NAME OFFSET BYTE: `a.so` with one byte changed
    cp a.so "$1"
    printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

programs() {
    program show
    make_one show-plain program -DPLAIN -pie "-Wl,-dynamic-linker,$loader"
    make_one show-static program -DPLAIN -static -no-pie
    program preinit -DPREINIT -Wl,--no-as-needed ./a.so "-Wl,-rpath,\$ORIGIN"
    program needs-dep -DNEEDS sub/libdep.so
    program needs-dep-rpath -DNEEDS sub/libdep.so -Wl,--disable-new-dtags "-Wl,-rpath,\$ORIGIN/sub"
    program needs-dep-runpath -DNEEDS sub/libdep.so -Wl,--enable-new-dtags "-Wl,-rpath,\$ORIGIN/sub"
    program needs-mid-rpath -DNEEDS sub/mid.so -Wl,--disable-new-dtags "-Wl,-rpath,\$ORIGIN/sub" -Wl,--allow-shlib-undefined
    program needs-mid-runpath -DNEEDS sub/mid.so -Wl,--enable-new-dtags "-Wl,-rpath,\$ORIGIN/sub" -Wl,--allow-shlib-undefined
    program needs-tls -Wl,--no-as-needed ./tls-initial.so ./tls-initial-large.so "-Wl,-rpath,\$ORIGIN"
    # Linked with an `a.so` that still has what the one here has lost.
    mkdir link
    make_one link/a.so lost -shared -Wl,-soname,a.so
    program undefined -DMISSING link/a.so "-Wl,-rpath,\$ORIGIN"
    program undefined-data -DMISSING_DATA link/a.so "-Wl,-rpath,\$ORIGIN"
    rm -r link
    loader=/lib/ld-missing.so.1 program no-loader
}

out=$1
rm -rf "$out"
mkdir -p "$out/gnu" "$out/musl"
cd "$out/gnu"
loader=$glibc_loader libc=libc.so.6 family=''
stubs && libraries && versioned && programs && others
rm -r stub
cd ../musl
loader=$musl_loader libc=libc.so family=-DMUSL
stubs && libraries && versioned && programs && others
rm -r stub
