#!/bin/sh
# Makes the folder that the gnu flavour is linked against: the C library, start files and headers of Debian 11 (glibc 2.31).
#
# Symbols that have not changed since carry versions of 2.17 and older there, so the program starts on any glibc since;
# the audit holds every probe to that floor. Linking here against the machine's own glibc would raise it to 2.34.
#
#   probes/build/sysroot.sh FOLDER      for the machine that DEBIAN_ARCH names, else for this one
set -eu
here=$(dirname "$0")
sysroot=$1
packages='libc6 libc6-dev linux-libc-dev'
[ "$(cat "$sysroot/complete" 2>/dev/null)" = "$packages" ] && exit 0
echo "sysroot: fetching the C library of Debian 11 to link against" >&2
rm -rf "$sysroot"
mkdir -p "$sysroot"
# shellcheck disable=SC2086 # package names are meant to split
"$here/../../containers/fetch-debs.sh" bullseye "$sysroot/debs" $packages
for deb in "$sysroot"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" >"$sysroot/deb.tar"
    tar -C "$sysroot" -x -f "$sysroot/deb.tar" --no-same-owner
done
rm -rf "$sysroot/debs" "$sysroot/deb.tar"
# Absolute links would lead the linker to the machine's own C library.
find "$sysroot" -type l -lname '/*' | while read -r link; do
    target=$(realpath -sm --relative-to="$(dirname "$link")" "$sysroot$(readlink "$link")")
    ln -sfn "$target" "$link"
done
echo "$packages" >"$sysroot/complete"
