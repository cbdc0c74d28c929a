#!/usr/bin/env bash
# Runs one test program of this build in a throw-away machine that has what a container has not: the kernel's devices.
# QEMU emulates it (no KVM, no root), with Debian's own kernel and an initramfs made of busybox, the modules and the
# program with its libraries. The machine starts in a few seconds and is gone afterwards.
#
#   tests/guest/run-in-guest.sh PROGRAM [argument...]
#
# A --gtest_output=xml:FILE among the arguments leaves the report in FILE here. Exit code: the program's; 124 when it
# took too long; 125 when the machine failed (that is tried twice); 77 when QEMU is not installed or there is no kernel
# for it, unless PUNKTFUNK_GUEST_REQUIRED=1 makes that a failure.
set -eEuo pipefail
export PATH=$PATH:/usr/sbin:/sbin

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$root/build/guest
modules="virtio_pci virtio_console evdev uinput uhid hid-generic hid-playstation"
memory_mib=1024
time_limit_s=300

say() { printf 'run-in-guest: %s\n' "$*" >&2; }
die() { say "$*" && exit 125; }
unavailable() {
    say "$*"
    [[ ${PUNKTFUNK_GUEST_REQUIRED:-} == 1 ]] && exit 1
    exit 77
}

# --- the kernel: unpacked, never installed -----------------------------------------------------------------------------

# The package's name, of the newest series that this release of Debian has.
kernel_package() {
    local meta name
    for meta in linux-image-6.12-amd64 linux-image-amd64; do
        name=$(apt-cache "$@" depends --no-recommends --no-suggests "$meta" 2>/dev/null |
            awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
        [[ -z $name ]] || { echo "$name" && return; }
    done
}

# An uncompressed kernel saves the machine from unpacking it, slowly. Where it lies in the file is told by its header
# (Linux's Documentation/arch/x86/boot.rst); the last four bytes of it are its length.
unpack_vmlinux() { # from to
    local sectors offset length tool
    number() { od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '; }
    [[ $(tail -c +515 "$1" | head -c 4 2>/dev/null) == HdrS ]] || die "$1 is not a Linux kernel"
    sectors=$(number "$1" $((0x1f1)) 1)
    offset=$(((sectors + 1) * 512 + $(number "$1" $((0x248)) 4)))
    length=$(($(number "$1" $((0x24c)) 4) - 4))
    case $(od -An -tx1 -j "$offset" -N 2 "$1" | tr -d ' ') in
        28b5) tool=zstd ;;
        fd37) tool=xz ;;
        *) die "$1 is packed in a way that is not known here" ;;
    esac
    dd if="$1" iflag=skip_bytes,count_bytes skip="$offset" count="$length" bs=1M status=none | "$tool" -dcq >"$2"
}

fetch_kernel() {
    local work=$cache/fetch package version apt=()
    rm -rf "$work"
    mkdir -p "$work"
    package=$(kernel_package)
    if [[ -z $package ]]; then
        # No package lists on this machine: an own copy, which needs no root.
        mkdir -p "$work/state/lists/partial" "$work/archives/partial"
        apt=(-o "Dir::State=$work/state" -o "Dir::State::status=/var/lib/dpkg/status" -o "Dir::Cache=$work")
        apt-get "${apt[@]}" update -q >"$work/update.log" 2>&1 || true
        package=$(kernel_package "${apt[@]}")
    fi
    [[ -n $package ]] || unavailable "the package sources of this system offer no linux-image-amd64"
    say "fetching $package (about 100 MB, once)"
    (cd "$work" && apt-get "${apt[@]}" download "$package") >"$work/download.log" 2>&1 || {
        tail -n 5 "$work/download.log" >&2
        unavailable "the kernel could not be fetched"
    }
    dpkg-deb -x "$work/$package"_*.deb "$work/tree"
    [[ -d $work/tree/lib ]] || ln -s usr/lib "$work/tree/lib"
    version=${package#linux-image-}
    depmod -b "$work/tree" "$version"
    unpack_vmlinux "$work/tree/boot/vmlinuz-$version" "$work/tree/vmlinux"
    rm "$work/tree/boot/vmlinuz-$version"
    echo "$version" >"$work/tree/version"
    rm -rf "$cache/kernel"
    mv "$work/tree" "$cache/kernel"
    rm -rf "$work"
}

# --- what the machine finds in its memory ------------------------------------------------------------------------------

write_init() {
    cat >"$1" <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /tmp /run
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ LD_LIBRARY_PATH=/test/lib
mount -t devtmpfs dev /dev && mount -t proc proc /proc && mount -t sysfs sys /sys && mount -t tmpfs -o mode=1777 tmp /tmp
mkdir -p /dev/shm && mount -t tmpfs -o mode=1777 shm /dev/shm
cd /modules && while read -r module; do insmod "$module" || echo "insmod $module failed" >/dev/console; done <order; cd /
ip link set lo up
n=0
while [ ! -e /sys/class/virtio-ports/vport0p4 ] && [ $n -lt 500 ]; do usleep 10000; n=$((n + 1)); done
for port in /sys/class/virtio-ports/*; do eval "port_$(cat "$port/name")=/dev/${port##*/}"; done
sh /test/command >"$port_out" 2>"$port_err" </dev/null
code=$?
[ $code -eq 0 ] || { echo "-- the machine's kernel said:"; dmesg | tail -n 30; } >"$port_err"
[ -f /tmp/report.xml ] && cat /tmp/report.xml >"$port_report"
echo "exit $code" >"$port_control"
sync
poweroff -f
INIT
    chmod 755 "$1"
}

# Modules in the order in which they load, unpacked.
pack_modules() { # tree
    local version module file plain
    version=$(<"$cache/kernel/version")
    mkdir -p "$1/modules"
    for module in $modules; do
        modprobe -d "$cache/kernel" -S "$version" --show-depends "$module" 2>/dev/null || die "the kernel has no module $module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
        plain=$(basename "$file")
        case $plain in
            *.xz) plain=${plain%.xz} && xz -dc "$file" >"$1/modules/$plain" ;;
            *.zst) plain=${plain%.zst} && zstd -qdc "$file" >"$1/modules/$plain" ;;
            *) cp "$file" "$1/modules/" ;;
        esac
        echo "$plain" >>"$1/modules/order"
    done
}

pack_program() { # tree program argument...
    local tree=$1 program=$2 library
    shift 2
    mkdir -p "$tree/test/lib"
    cp -L "$program" "$tree/test/"
    { ldd "$program" || true; } | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' | while read -r library; do
        case $library in
            */ld-linux*) mkdir -p "$tree$(dirname "$library")" && cp -L "$library" "$tree$library" ;;
            *) cp -L "$library" "$tree/test/lib/" ;;
        esac
    done
    printf 'cd /tmp && exec' >"$tree/test/command"
    printf ' %q' "/test/$(basename "$program")" "$@" >>"$tree/test/command"
}

# --- one run -----------------------------------------------------------------------------------------------------------

run_once() {
    local tree=$work/tree port code=
    rm -rf "$work"/*
    mkdir -p "$tree/bin" "$tree/dev"
    cp "$(command -v busybox)" "$tree/bin/busybox"
    write_init "$tree/init"
    pack_modules "$tree"
    pack_program "$tree" "$program" "${arguments[@]}"
    (cd "$tree" && find . -mindepth 1 | cpio -o -H newc --quiet -R 0:0) >"$work/initrd"
    rm -rf "$tree"

    local ports=()
    for port in out err report control; do
        : >"$work/$port"
        ports+=(-chardev "file,id=$port,path=$work/$port" -device "virtserialport,chardev=$port,name=$port")
    done
    timeout -k 5 "$time_limit_s" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -M pc -m "$memory_mib" -nodefaults \
        -no-user-config -no-reboot -display none -kernel "$cache/kernel/vmlinux" -initrd "$work/initrd" \
        -append "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable no_timer_check cryptomgr.notests audit=0 random.trust_cpu=on" \
        -serial "file:$work/console" -device virtio-serial-pci "${ports[@]}" >"$work/qemu.log" 2>&1 &
    qemu=$!
    local status=0
    wait "$qemu" || status=$?
    qemu=
    cat "$work/out"
    cat "$work/err" >&2
    code=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$work/control")
    [[ -z $report || ! -s $work/report ]] || cp "$work/report" "$report"
    [[ -n $code ]] && return "$code"
    say "the machine ended without an answer (QEMU: $status); the end of its console:"
    tail -n 15 "$work/console" "$work/qemu.log" >&2 || true
    ((status == 124)) && return 124
    return 125
}

(($#)) || { sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2; }
[[ $(uname -m) == x86_64 ]] || unavailable "the machine runs this build's programs, and is an x86-64"
for tool in qemu-system-x86_64 busybox cpio modprobe depmod xz zstd apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || unavailable "$tool is not installed: scripts/install-deps.sh test"
done
program=$(readlink -f "$1")
[[ -x $program ]] || die "there is no program $1"
shift
report=
arguments=()
for argument; do
    case $argument in
        --gtest_output=xml:*) report=${argument#*xml:} && arguments+=(--gtest_output=xml:/tmp/report.xml) ;;
        *) arguments+=("$argument") ;;
    esac
done

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # the kernel is fetched once, whoever asks first
[[ -s $cache/kernel/version ]] || fetch_kernel
flock -u 9
exec 9>&-

work=$(mktemp -d "${TMPDIR:-/tmp}/punktfunk-guest.XXXXXX")
qemu=
cleanup() {
    [[ -z $qemu ]] || kill "$qemu" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

code=0
run_once || code=$?
if ((code == 125)); then
    say "once more"
    code=0
    run_once || code=$?
fi
exit "$code"
