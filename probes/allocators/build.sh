#!/bin/sh
# Builds the allocators that are measured beside a C library's own: mimalloc, mimalloc with its guards (as Alpine's package
# mimalloc2 is built), and jemalloc, once for each C library.
#
#   GNU_CC="cc ..." MUSL_CC="musl-gcc ..." probes/allocators/build.sh FOLDER      reads `gnu` and `musl` (machine.sh)
#
# results: FOLDER/{gnu,musl}/NAME.so     to be preloaded
#          FOLDER/static/libNAME.a       the same objects as musl/NAME.so, to be linked into static programs
#          FOLDER/licences/SOURCE.txt    the notices that must go along with them
#          FOLDER/allocators.json        what was built from what, and how
#
# The C sources are those that the crates libmimalloc-sys and tikv-jemalloc-sys carry, in the versions of Cargo.lock. The
# flags are the projects' own for a release; what is added keeps old images able to load the result. An allocator whose
# sources, flags and compiler are those of the last time is left alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
out=$(cd "$out" && pwd)
cargo=${CARGO:-$("$here/../../.make/cargo.sh")}
jobs=$(nproc 2>/dev/null || echo 1)

metadata=$($cargo metadata --quiet --locked --format-version 1 --manifest-path "$here/Cargo.toml" --features sources \
    --filter-platform "$gnu")
package() { # NAME: the folder of a package, unpacked by cargo
    echo "$metadata" | tr ',' '\n' | sed -n "s|.*\"manifest_path\":\"\(.*/$1-[0-9][^/\"]*\)/Cargo.toml\".*|\1|p" | head -n 1
}
mimalloc=$(package libmimalloc-sys)
jemalloc=$(package tikv-jemalloc-sys)
[ -d "$mimalloc/c_src/mimalloc/v2" ] && [ -d "$jemalloc/jemalloc" ] || {
    echo "allocators: cargo does not say where the C sources are (libmimalloc-sys, tikv-jemalloc-sys)" >&2
    exit 3
}
mimalloc_crate=$(basename "$mimalloc")
jemalloc_crate=$(basename "$jemalloc")
mimalloc=$mimalloc/c_src/mimalloc/v2

# MI_MALLOC_VERSION is 20302 for 2.3.2.
mimalloc_version=$(awk '$1 == "#define" && $2 == "MI_MALLOC_VERSION" { printf "%d.%d.%d", $3 / 10000, $3 / 100 % 100, $3 % 100 }' \
    "$mimalloc/include/mimalloc.h")
# The crate's version is 0.7.1+5.3.1-0-g... for jemalloc 5.3.1; jemalloc wants to be told.
jemalloc_told=${jemalloc_crate#*+}
jemalloc_version=${jemalloc_told%%-*}

# As mimalloc's own CMakeLists.txt builds a release of the shared library.
mimalloc_flags='-std=gnu11 -O3 -DNDEBUG -DMI_BUILD_RELEASE -DMI_MALLOC_OVERRIDE -DMI_SHARED_LIB -DMI_SHARED_LIB_EXPORT -fPIC
    -fvisibility=hidden -ftls-model=initial-exec -fno-builtin-malloc'
# jemalloc's configure adds -std=gnu11 -O3 -funroll-loops -fPIC -fvisibility=hidden, and initial-exec for its TLS.
jemalloc_flags='-fno-builtin-malloc'
# What old loaders understand.
link_flags='-Wl,--no-undefined -Wl,-z,noexecstack -Wl,--hash-style=both -Wl,--build-id=sha1 -Wl,--as-needed'
# Functions that the oldest images lack: gettid came with glibc 2.30 and musl 1.2.2, pthread_getname_np with musl 1.2.3.
jemalloc_answers='je_cv_gettid=no je_cv_pthread_getname_np=no'

# Whether what is in the folder was built by this recipe; otherwise empties the folder.
built() { # FOLDER RECIPE
    if [ -e "$1/lib.a" ] && [ -e "$1/lib.so" ] && [ "$(cat "$1/recipe" 2>/dev/null)" = "$2" ]; then
        return
    fi
    rm -rf "$1"
    mkdir -p "$1"
    return 1
}

# All that a result depends on, in one line.
recipe() { # SOURCES WORD...
    sources=$1
    shift
    echo "$* $link_flags $libraries $compiler $(cat "$sysroot_stamp" 2>/dev/null)" \
        "$(cd "$sources" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)"
}

# Makes lib.a and lib.so of a folder's objects.
link() { # FOLDER NAME OBJECT...
    folder=$1 soname=$2
    shift 2
    (
        cd "$folder"
        strip --strip-debug "$@"
        rm -f lib.a
        ar rcD lib.a "$@"
        # shellcheck disable=SC2086 # words are meant to split
        $cc -shared -o lib.so "$@" "-Wl,-soname,$soname" $link_flags $libraries
    )
}

build_mimalloc() { # NAME FLAG...
    name=$1
    shift
    # shellcheck disable=SC2086,SC2116 # words are meant to split, and lines to join
    flags=$(echo $mimalloc_flags $family_flags "$@")
    folder=$out/build/$libc/$name
    recipe=$(recipe "$mimalloc" "$flags")
    if ! built "$folder" "$recipe"; then
        echo "allocators: building mimalloc $mimalloc_version for $libc ($name)" >&2
        # shellcheck disable=SC2086 # words are meant to split
        $cc $flags -w "-ffile-prefix-map=$mimalloc=mimalloc" "-I$mimalloc/include" "-I$mimalloc/src" \
            -c "$mimalloc/src/static.c" -o "$folder/mimalloc.o"
        link "$folder" libmimalloc.so.2 mimalloc.o
        echo "$recipe" >"$folder/recipe"
    fi
    put "$name" mimalloc "$mimalloc_version" "$mimalloc_crate" MIT
}

build_jemalloc() {
    flags=$jemalloc_flags
    options="--host=$triple --disable-cxx --disable-doc"
    folder=$out/build/$libc/jemalloc
    recipe=$(recipe "$jemalloc/jemalloc" "$flags $options $jemalloc_answers $jemalloc_told")
    if ! built "$folder" "$recipe"; then
        echo "allocators: building jemalloc $jemalloc_version for $libc, which takes a minute or two" >&2
        (
            cp -R "$jemalloc/jemalloc" "$folder/source"
            cp "$jemalloc/configure/configure" "$folder/source/configure"
            mkdir "$folder/make"
            cd "$folder/make"
            # -g0 -w: after configure's own flags.
            # shellcheck disable=SC2086 # words are meant to split
            env CC="$cc" EXTRA_CFLAGS="$flags -g0 -w -ffile-prefix-map=$folder/source=jemalloc -ffile-prefix-map=../source=jemalloc" \
                $jemalloc_answers sh ../source/configure $options "--with-version=$jemalloc_told" >configure.log 2>&1 ||
                fail configure.log
            # This header gives private names a prefix, and takes a second compilation of everything to make. Nothing here
            # has need of it: the shared object does not export them, and the linker would not accept two of one name.
            private=include/jemalloc/internal/private_namespace.h
            : >$private
            make -j "$jobs" -o $private lib/libjemalloc_pic.a >make.log 2>&1 || fail make.log
        )
        (cd "$folder" && ar x make/lib/libjemalloc_pic.a)
        # shellcheck disable=SC2046 # a list of files without blanks
        link "$folder" libjemalloc.so.2 $(cd "$folder" && echo ./*.o)
        rm -rf "$folder/source" "$folder/make" "$folder"/*.o
        echo "$recipe" >"$folder/recipe"
    fi
    flags="-std=gnu11 -O3 -funroll-loops -fPIC -fvisibility=hidden $flags; configure $options $jemalloc_answers"
    put jemalloc jemalloc "$jemalloc_version" "$jemalloc_crate" BSD-2-Clause
}

fail() { # LOG
    echo "allocators: building jemalloc for $libc failed; the end of $PWD/$1:" >&2
    tail -n 20 "$1" >&2
    exit 1
}

# A file that did not change keeps its time.
renew() { # NEW OLD
    cmp -s "$1" "$2" && return
    cp -f "$1" "$2.new"
    mv -f "$2.new" "$2"
}

put() { # NAME SOURCE VERSION CRATE LICENCE: from $folder to its places, and into the record
    mkdir -p "$out/$libc"
    renew "$folder/lib.so" "$out/$libc/$1.so"
    if [ "$libc" = musl ]; then
        mkdir -p "$out/static"
        renew "$folder/lib.a" "$out/static/lib$1.a"
    fi
    cat >>"$out/allocators.new" <<JSON
$separator { "name": "$1", "flavour": "$libc", "source": "$2", "version": "$3", "crate": "$4", "licence": "$5",
    "compiler": "$compiler", "flags": "$flags" }
JSON
    separator=','
}

build_all() {
    compiler="$($cc --version | head -n 1)"
    if [ "$libc" = musl ]; then compiler="musl-gcc, $compiler"; fi
    build_mimalloc mimalloc
    build_mimalloc mimalloc-secure -DMI_SECURE=4
    build_jemalloc
}

sysroot_stamp=${SYSROOT_STAMP:-/dev/null}
separator=''
echo '[' >"$out/allocators.new"
libc=gnu cc=$GNU_CC triple=$gnu libraries='-lpthread -ldl' family_flags=''
build_all
# musl-gcc takes musl's own headers and libraries, and no others.
libc=musl cc=$MUSL_CC triple=$musl libraries='' family_flags=-DMI_LIBC_MUSL=1 sysroot_stamp=/dev/null
build_all
echo ']' >>"$out/allocators.new"
renew "$out/allocators.new" "$out/allocators.json"
mkdir -p "$out/licences"
renew "$mimalloc/LICENSE" "$out/licences/mimalloc.txt"
renew "$jemalloc/jemalloc/COPYING" "$out/licences/jemalloc.txt"
rm -f "$out/allocators.new"
