#!/bin/sh
# Makes a `musl-gcc` for another machine, which Debian has none of: its compiler for that machine, the musl of its packages
# for that machine, and musl-gcc's own specs with the folder in front of their paths.
#
#   probes/build/musl-cross.sh FOLDER      reads `debian`, `triplet` and `arch` (machine.sh); result: FOLDER/musl-gcc
set -eu
here=$(dirname "$0")
folder=$1
# The release whose musl-tools link the musl-static flavour of a machine's own, so that both hold one version.
suite=bookworm
wanted="$suite musl musl-dev"
[ "$(cat "$folder/complete" 2>/dev/null)" = "$wanted" ] && exit 0
echo "musl-cross: fetching Debian's musl for $arch to link against" >&2
rm -rf "$folder"
mkdir -p "$folder"
DEBIAN_ARCH=$debian "$here/../../containers/fetch-debs.sh" "$suite" "$folder/debs" musl musl-dev
for deb in "$folder"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -C "$folder" -x --no-same-owner
done
rm -rf "$folder/debs"
libraries=$folder/usr/lib/$arch-linux-musl
# The link names the machine's own musl.
ln -sfn "$folder/lib/$arch-linux-musl/libc.so" "$libraries/libc.so"
[ -e "$libraries/libc.so" ] || ln -sfn "$folder/lib/ld-musl-$arch.so.1" "$libraries/libc.so"
sed "s| /usr/| $folder/usr/|g; s|-L/usr/|-L$folder/usr/|g" "$libraries/musl-gcc.specs" >"$folder/musl-gcc.specs"
cat >"$folder/musl-gcc" <<SCRIPT
#!/bin/sh
exec $triplet-gcc "\$@" -specs "$folder/musl-gcc.specs"
SCRIPT
chmod +x "$folder/musl-gcc"
echo "$wanted" >"$folder/complete"
