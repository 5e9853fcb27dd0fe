# Sourced by build.sh: which machine is built for, by all its names, and whether that is this one.
#
# ARCH names it as `uname -m` does; without, it is this machine. Sets `arch`, `debian` (as Debian's packages say), `triplet`
# (Debian's folder below /lib), Rust's targets `gnu` and `musl`, what musl's static code needs of the compiler, and `foreign`, empty where it is this machine's own.

arch=${ARCH:-$(uname -m)}
case $arch in
x86_64) debian=amd64 glibc_loader=/lib64/ld-linux-x86-64.so.2 wide_numbers='' ;;
# Its long double has 128 bits, and no instruction computes with it.
aarch64) debian=arm64 glibc_loader=/lib/ld-linux-aarch64.so.1 wide_numbers='-C link-arg=-lgcc' ;;
*) echo "probes: unknown ARCH '$arch': expected x86_64 or aarch64" >&2 && exit 2 ;;
esac
musl_loader=/lib/ld-musl-$arch.so.1
triplet=$arch-linux-gnu
gnu=$arch-unknown-linux-gnu
musl=$arch-unknown-linux-musl
foreign=
[ "$arch" = "$(uname -m)" ] || foreign=yes
export arch debian triplet gnu musl foreign glibc_loader musl_loader
