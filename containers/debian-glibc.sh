# An image of the glibc family, from the packages of one Debian release: what Debian's slim container image holds that can
# matter to a C library, and a shell with its usual programs to look around in it. No dpkg, no apt, no documentation.
#
# Sourced by build.sh with `suite` set. It names the packages, says whether /bin, /lib and /sbin are links into /usr, and
# `finish`es what the packages' own scripts would have done, in the folder `rootfs`.

packages='base-files base-passwd netbase tzdata libc6 libc-bin
    dash coreutils libacl1 libattr1 libgmp10 libselinux1 libpcre2-8-0'
# Without libgcc_s, pthread_cancel ends the process instead of the thread; crypt lives in a library of its own.
packages="$packages libgcc-s1 libcrypt1"
merged_usr=yes
case $suite in
# There, apt brings the library with which getaddrinfo handles names that are not ASCII (AI_IDN).
bullseye | bookworm) packages="$packages libidn2-0 libunistring2" ;;
*) packages="$packages libcap2 libssl3t64 libsystemd0 libzstd1 zlib1g" ;;
esac
case $suite in
# Container images of this release still keep /bin and /lib apart from /usr.
bullseye) merged_usr=no ;;
# glibc's character sets moved to a package of their own.
sid) packages="$packages libc-gconv-modules-extra" ;;
esac

finish() {
    cp "$rootfs/usr/share/base-passwd/passwd.master" "$rootfs/etc/passwd"
    cp "$rootfs/usr/share/base-passwd/group.master" "$rootfs/etc/group"
    cp "$rootfs/usr/share/libc-bin/nsswitch.conf" "$rootfs/etc/nsswitch.conf"
    ln -s /usr/share/zoneinfo/Etc/UTC "$rootfs/etc/localtime"
    # What a container engine writes.
    printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$rootfs/etc/hosts"
    : >"$rootfs/etc/resolv.conf"
    mkdir "$rootfs/mnt" "$rootfs/opt" "$rootfs/srv" "$rootfs/media"
    rmdir "$rootfs/var/run"
    ln -s /run "$rootfs/var/run"
    # /etc/ld.so.cache is not made: every library is in a folder that the loader knows by itself.
}
