#!/bin/sh
# Builds the images of catalog.toml that have a definition here, from Debian's packages alone: as any user, without a
# container engine, without reaching a registry.
#
#   containers/build.sh [NAME...]     without a name, all of them for this machine; one that is up to date is left alone
#   LIBCDIFF_IMAGES=FOLDER            where NAME.tar goes; else `catalog` in the cache folder (LIBCDIFF_CACHE, XDG_CACHE_HOME)
#
# Beside NAME.tar, NAME.recipe says which definition made it (so that other checkouts use it too), and NAME.packages which
# packages are in it. The same packages give the same bytes. To build one anew, with the packages of the day, remove it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
images=${LIBCDIFF_IMAGES:-${LIBCDIFF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libcdiff}/catalog}
export LC_ALL=C
umask 022

# One line for each image with a definition: NAME DEFINITION SUITE, and ARCH of those that are for one machine alone, as Debian
# names it.
definitions() {
    awk -F ' *= *' '
        function end() { if (value["definition"] != "") print value["name"], value["definition"], value["suite"], value["arch"]; split("", value) }
        /^\[\[image\]\]/ { end() }
        /^[a-z]+ *= *"/ { gsub(/"/, "", $2); value[$1] = $2 }
        END { end() }
    ' "$here/catalog.toml"
}

recipe() { # DEFINITION SUITE [ARCH]
    echo "$2${3:+ $3} $(cat "$root/$1" "$here/build.sh" "$here/fetch-debs.sh" | sha256sum)"
}

# Debian's slim images leave the same out.
unpack() { # DEB
    dpkg-deb --fsys-tarfile "$1" >"$work/deb.tar"
    tar -C "$rootfs" -x -f "$work/deb.tar" -p --no-same-owner --keep-directory-symlink \
        --exclude='./usr/share/doc/*' --exclude='./usr/share/info/*' --exclude='./usr/share/lintian/*' \
        --exclude='./usr/share/locale/*' --exclude='./usr/share/man/*'
}

build() { # NAME DEFINITION SUITE [ARCH]: in a shell of its own, so that definitions cannot mix
    name=$1 definition=$2 suite=$3 arch=${4:-}
    work=$(mktemp -d "$images/.$name.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    rootfs=$work/rootfs
    . "$root/$definition"
    # shellcheck disable=SC2086 # package names are meant to split
    DEBIAN_ARCH=$arch "$here/fetch-debs.sh" "$suite" "$work/debs" $packages
    mkdir "$rootfs"
    if [ "$merged_usr" = yes ]; then
        mkdir -p "$rootfs/usr"
        for folder in bin lib sbin $([ "${arch:-$(dpkg --print-architecture)}" != amd64 ] || echo lib64); do
            mkdir "$rootfs/usr/$folder"
            ln -s "usr/$folder" "$rootfs/$folder"
        done
    fi
    for deb in "$work"/debs/*.deb; do
        unpack "$deb"
    done
    finish
    tar -C "$rootfs" -c --sort=name --mtime='2020-01-01 00:00Z' --owner=0 --group=0 --numeric-owner --format=gnu \
        -f "$work/image.tar" .
    rm -f "$images/$name.recipe"
    for deb in "$work"/debs/*.deb; do
        dpkg-deb --show --showformat '${Package} ${Version}\n' "$deb"
    done >"$images/$name.packages"
    mv "$work/image.tar" "$images/$name.tar"
    recipe "$definition" "$suite" "$arch" >"$images/$name.recipe"
}

mkdir -p "$images" || { echo "images: cannot write to $images; set LIBCDIFF_IMAGES to a folder of yours" >&2 && exit 3; }
all=$(definitions)
# shellcheck disable=SC2046 # names are meant to split
[ $# -gt 0 ] || set -- $(echo "$all" | awk '$4 == "" { print $1 }')
for name in "$@"; do
    entry=$(echo "$all" | grep "^$name ") || {
        echo "images: '$name' has no definition in catalog.toml; those that have: $(echo "$all" | cut -d ' ' -f 1 | tr '\n' ' ')" >&2
        exit 2
    }
    # shellcheck disable=SC2086 # the entry is three words, or four
    set -- $entry
    if [ -e "$images/$name.tar" ] && [ "$(cat "$images/$name.recipe" 2>/dev/null)" = "$(recipe "$2" "$3" "${4:-}")" ]; then
        continue
    fi
    echo "images: building $name from Debian's packages" >&2
    (build "$1" "$2" "$3" "${4:-}")
done
