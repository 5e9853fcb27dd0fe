#!/bin/sh
# Makes stand-ins for glibc's libraries that hold the symbols of an old version and no newer ones, to link against what
# needs more of the C library than the probes do: std refers weakly to functions up to glibc 2.30, and would ask for their
# versions at start. What is linked against the stand-ins finds the real functions in the image, and nothing of the
# stand-ins is in it.
#
#   probes/build/floor.sh SYSROOT FOLDER COMPILER      from the libraries in SYSROOT, to FOLDER; reads `triplet` and
#                                                      `glibc_loader` (machine.sh)
set -eu
sysroot=$1 folder=$2 cc=$3
floor=2.17
[ -e "$folder/complete" ] && exit 0
rm -rf "$folder"
mkdir -p "$folder"
libraries=$sysroot/lib/$triplet

stand_in() { # LIBRARY: an empty function for each function, room for each object, under the newest version up to the floor
    readelf --wide --dyn-syms "$libraries/$1" | awk -v floor="$floor" -v script="$folder/$1.map" '
        function number(version, parts) {
            split(version, parts, ".")
            return parts[1] * 1000000 + parts[2] * 1000 + parts[3]
        }
        $7 == "UND" || $4 == "TLS" || $8 !~ /@GLIBC_[0-9]/ { next }
        {
            split($8, symbol, /@+GLIBC_/)
            if (number(symbol[2]) > number(floor) || number(symbol[2]) < number(newest[symbol[1]])) next
            newest[symbol[1]] = symbol[2]
            place[symbol[1]] = $2; size[symbol[1]] = $3; type[symbol[1]] = $4; weak[symbol[1]] = $5 == "WEAK"
        }
        END {
            for (name in newest) {
                node[newest[name]] = node[newest[name]] " " name ";"
                print (weak[name] ? ".weak " : ".globl ") name
                if (type[name] == "OBJECT") {
                    # Two names of one place stay that, or a program would get a copy under one name alone.
                    print ".type " name ", @object\n.size " name ", " size[name]
                    objects[place[name]] = objects[place[name]] name ":\n"
                    if (size[name] > room[place[name]]) room[place[name]] = size[name]
                } else {
                    print ".type " name ", @function\n.text\n" name ":\nret"
                }
            }
            print ".data"
            for (at in objects) print ".balign 32\n" objects[at] ".space " room[at] + 1
            for (version in node) print "GLIBC_" version " {" node[version] " };" >script
        }' >"$folder/$1.s"
    "$cc" -shared -nostdlib -x assembler "$folder/$1.s" -o "$folder/$1" -Wl,-soname,"$1" -Wl,--version-script,"$folder/$1.map"
    rm "$folder/$1.s" "$folder/$1.map"
}

for library in libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 libresolv.so.2; do
    stand_in "$library"
    ln -s "$library" "$folder/${library%.so.*}.so"
done
# Some functions are in the static part of the C library alone, and one of every thread is the loader's.
rm "$folder/libc.so"
cat >"$folder/libc.so" <<SCRIPT
GROUP ( $folder/libc.so.6 $sysroot/usr/lib/$triplet/libc_nonshared.a AS_NEEDED ( $sysroot$glibc_loader ) )
SCRIPT
touch "$folder/complete"
