#!/bin/sh
# Downloads packages of any Debian suite from the mirror that this machine already uses, checked against Debian's keys.
# Needs no root and touches nothing of the machine's own apt: lists and cache live in a folder of their own.
#
#   containers/fetch-debs.sh SUITE FOLDER PACKAGE...      the .deb files end up in FOLDER
set -eu
suite=$1 folder=$2
shift 2

# The main archive of this machine's own release; security and update archives have other suites.
mirror=$(apt-get indextargets --format '$(SITE) $(REPO_URI) $(SUITE)' 2>/dev/null |
    awk '$1 ~ /debian/ && $2 !~ /security/ { print $2; exit }')
[ -n "$mirror" ] || {
    echo "fetch-debs: no Debian mirror among this machine's apt sources; run 'apt-get update' as root, or use BUILDER=cross" >&2
    exit 3
}

mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
apt=$(cd "$folder/apt" && pwd)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$apt/lists";
Dir::State::Status "/dev/null";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
APT::Architecture "amd64";
APT::Architectures "amd64";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "1";
CONF
APT_CONFIG="$apt/apt.conf" apt-get -qq update
(cd "$folder" && APT_CONFIG="$apt/apt.conf" apt-get -qq download "$@")
rm -rf "$folder/apt"
