#!/bin/sh
# Downloads packages of any Debian suite, checked against Debian's keys. Packages are named one by one: nothing is resolved
# and nothing installed, so that it works without root, for suites older and newer than this machine's.
#
#   containers/fetch-debs.sh SUITE FOLDER PACKAGE...      the .deb files end up in FOLDER
#   LIBCDIFF_DEBIAN_MIRROR=URL                            where from; else the mirror that this machine already uses
#   DEBIAN_ARCH=amd64|arm64|...                           for which machine; else this one
#
# The suite's package lists are kept in the cache and renewed twice a day. This machine's own apt is not touched; its mirror,
# how it is reached (proxy, passwords) and whether an outdated list may be used are taken over from it.
set -eu
suite=$1 folder=$2
shift 2
state=${LIBCDIFF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libcdiff}/apt/$suite
own=$(dpkg --print-architecture 2>/dev/null || true)
arch=${DEBIAN_ARCH:-$own}
[ "$arch" = "$own" ] || state=$state-$arch
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
    echo "fetch-debs: $1" >&2
    exit 3
}

# The main archive, not those of security and updates, which have other suites.
machines_mirror() {
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 2>/dev/null | awk -F '|' '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "needs apt and dpkg, which this machine lacks"
[ -e "$keyring" ] || fail "needs Debian's keys: install the package debian-archive-keyring"
mirror=${LIBCDIFF_DEBIAN_MIRROR:-$(machines_mirror)}
[ -n "$mirror" ] || fail "no Debian mirror among this machine's package sources: run 'apt-get update' as root, or set LIBCDIFF_DEBIAN_MIRROR"

umask 022
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$folder"
exec 9>"$state/lock"
flock 9
echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
cat >"$state/apt.conf" <<CONF
Dir::Etc::Parts "/dev/null";
Dir::Etc::SourceList "$state/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$state";
Dir::State::Lists "$state/lists";
Dir::State::Status "/dev/null";
Dir::Cache "$state/cache";
APT::Sandbox::User "";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
Acquire::Languages "none";
Acquire::Retries "3";
$(apt-config dump | grep -Ei '^Acquire::(https?::|Check-)' || true)
CONF
export APT_CONFIG="$state/apt.conf"

update() {
    apt-get -qq update || fail "cannot read the package lists of $suite at $mirror; if it no longer has them, name a mirror that does in LIBCDIFF_DEBIAN_MIRROR"
    touch "$state/updated"
}

[ -n "$(find "$state/updated" -mmin -720 2>/dev/null)" ] || update
cd "$folder"
# A list may be older than the mirror, which then no longer has the packages it names.
apt-get -qq download "$@" 2>/dev/null || {
    update
    apt-get -qq download "$@" || fail "cannot download the packages of $suite from $mirror"
}
