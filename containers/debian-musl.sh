# An image of the musl family, from the packages of one Debian release: its musl, and the few files in /etc that musl reads.
# No glibc, so no shell either (Debian links none against musl), and no time zones (Alpine's image has none).
#
# Sourced by build.sh with `suite` set. It names the packages, says whether /bin, /lib and /sbin are links into /usr, and
# `finish`es what the packages' own scripts would have done, in the folder `rootfs`.

packages='base-files base-passwd netbase musl'
merged_usr=yes
[ "$suite" = bullseye ] && merged_usr=no

finish() {
    cp "$rootfs/usr/share/base-passwd/passwd.master" "$rootfs/etc/passwd"
    cp "$rootfs/usr/share/base-passwd/group.master" "$rootfs/etc/group"
    # A tool that glibc's programs would be needed for.
    rm "$rootfs/usr/sbin/update-passwd"
    # What a container engine writes.
    printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$rootfs/etc/hosts"
    : >"$rootfs/etc/resolv.conf"
    mkdir "$rootfs/mnt" "$rootfs/opt" "$rootfs/srv" "$rootfs/media"
    rmdir "$rootfs/var/run"
    ln -s /run "$rootfs/var/run"
}
