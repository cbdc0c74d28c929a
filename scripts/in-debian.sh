#!/usr/bin/env bash
# Runs a command in a copy of this tree on another Debian release:
#
#   scripts/in-debian.sh trixie make test
#
# Needs root and debootstrap, no container engine. The release and the copy stay in /var/tmp/punktfunk-SUITE, so the
# next run builds only what changed. The command's mounts and processes go with it; what it made is below
# root/punktfunk there.
set -euo pipefail
. "$(dirname "$0")/common.sh"
(($# >= 2)) || die "usage: scripts/in-debian.sh SUITE command..."
((EUID == 0)) || die "only root can change the root directory"
suite=$1
shift
system=/var/tmp/punktfunk-$suite
tree=$system/root/punktfunk

# As little as somebody has who only wants to type "make". debootstrap removes its own directory when it has finished.
if [[ ! -e $system/usr/bin/make || -e $system/debootstrap ]]; then
    command -v debootstrap >/dev/null || die "debootstrap is missing: apt install debootstrap"
    rm -rf --one-file-system "$system"
    quietly "build/logs/debootstrap-$suite.log" debootstrap --variant=minbase --include=make "$suite" "$system" \
        "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
fi
cp -L /etc/resolv.conf /etc/hosts "$system/etc/"

# The build stays; sources that are gone here must go there. The copies are dated now (-m): a source edited while an
# earlier command was building would look older than the object made from what it was before. ccache keeps this cheap.
mkdir -p "$tree"
find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -m -C "$tree"

# Mount and process namespaces of its own: nothing is left to unmount or to kill.
exec unshare --mount --pid --fork --kill-child bash -euc '
    system=$0
    mount -t proc proc "$system/proc"
    for shared in sys dev; do mount --rbind "/$shared" "$system/$shared"; done
    exec chroot "$system" env -i -C /root/punktfunk HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
' "$system" "$@"
