#!/bin/sh
# Compiles the zone files that the hermetic cases of the area `time` bring along. The results are checked in, because a
# probe build shall not need zic; run this again only when zones.zi or leapseconds changes.
#
#   probes/zoneinfo/build.sh
#
# Each zone in the form that a case asks about: `fat` holds every change until 2037, as Debian ships it; `slim` leaves
# what a rule can say to the POSIX string at the end, zic's own default; `v1` is the 32-bit part of a fat file alone.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
zic -b fat -d "$work/fat" zones.zi
zic -b slim -d "$work/slim" zones.zi
zic -b fat -L leapseconds -d "$work/right" zones.zi

cp "$work/fat/Europe/Berlin" berlin.fat
cp "$work/slim/Europe/Berlin" berlin.slim
cp "$work/fat/Europe/Dublin" dublin.fat
cp "$work/fat/Asia/Tokyo" tokyo.fat
cp "$work/fat/America/New_York" newyork.fat
cp "$work/fat/UTC" utc.fat
cp "$work/right/UTC" utc.right

# RFC 9636, section 3.1: six four-byte counts at offset 20 say how long the first data block is.
# shellcheck disable=SC2046 # numbers are meant to split
set -- $(od -An -v -tu1 -j20 -N24 berlin.fat)
count() { echo $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4)); }
isut=$(count "$1" "$2" "$3" "$4") && shift 4
isstd=$(count "$1" "$2" "$3" "$4") && shift 4
leap=$(count "$1" "$2" "$3" "$4") && shift 4
times=$(count "$1" "$2" "$3" "$4") && shift 4
types=$(count "$1" "$2" "$3" "$4") && shift 4
chars=$(count "$1" "$2" "$3" "$4")
length=$((44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut))
{
    printf 'TZif\0'
    head -c "$length" berlin.fat | tail -c +6
} >berlin.v1
