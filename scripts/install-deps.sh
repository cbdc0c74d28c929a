#!/usr/bin/env bash
# Installs what punktfunk needs, when it is missing. A second run changes nothing and takes a moment.
#
#   scripts/install-deps.sh [--list] [group...]      groups: build run web test cross bench fuzz coverage lint   (default: build run)
set -euo pipefail

# The packages, by job. Debian's names were checked on 12 (bookworm); they are the same on 13 (trixie) and on Ubuntu 24.04
# and later. Fedora's and Arch's names are listed for those who build there; this script installs them too, but the project
# is not tested on them. "-" = nothing separate to install.
#
# group | job                                  | debian                      | fedora                     | arch
table='
build   | build system                         | cmake                       | cmake                      | cmake
build   | build system                         | ninja-build                 | ninja-build                | ninja
build   | C++ compiler (GCC 12 or later)       | g++                         | gcc-c++                    | gcc
build   | compiler cache                       | ccache                      | ccache                     | ccache
build   | finding libraries                    | pkg-config                  | pkgconf-pkg-config         | pkgconf
build   | QUIC                                 | libngtcp2-dev               | ngtcp2-devel               | libngtcp2
build   | QUIC: TLS by GnuTLS                  | libngtcp2-crypto-gnutls-dev | ngtcp2-crypto-gnutls-devel | -
build   | TLS                                  | libgnutls28-dev             | gnutls-devel               | gnutls
build   | AES-GCM, X.509                       | libssl-dev                  | openssl-devel              | openssl
build   | AES-GCM in bulk (x86-64 only)        | libipsec-mb-dev             | intel-ipsec-mb-devel       | intel-ipsec-mb
build   | SPAKE2 (Ed25519 points)              | libsodium-dev               | libsodium-devel            | libsodium
build   | video codecs                         | libavcodec-dev              | libavcodec-free-devel      | ffmpeg
build   | recording                            | libavformat-dev             | libavformat-free-devel     | -
build   | video frames                         | libavutil-dev               | libavutil-free-devel       | -
build   | screenshots: YCbCr to RGB            | libswscale-dev              | libswscale-free-devel      | -
build   | Wayland client                       | libwayland-dev              | wayland-devel              | wayland
build   | wayland-scanner                      | libwayland-bin              | -                          | -
build   | Wayland protocols                    | wayland-protocols           | wayland-protocols-devel    | wayland-protocols
build   | keymaps                              | libxkbcommon-dev            | libxkbcommon-devel         | libxkbcommon
build   | event loop (Asio, headers only)      | libboost-dev                | boost-devel                | boost
build   | JSON                                 | nlohmann-json3-dev          | json-devel                 | nlohmann-json
build   | command lines                        | libcli11-dev                | cli11-devel                | cli11
build   | logging                              | libspdlog-dev               | spdlog-devel               | spdlog
build   | text formatting                      | libfmt-dev                  | fmt-devel                  | fmt
build   | sound                                | libpipewire-0.3-dev         | pipewire-devel             | libpipewire
build   | sound to the client, and its voice   | libopus-dev                 | opus-devel                 | opus
build   | GameStream: its control stream       | libenet-dev                 | enet-devel                 | enet
build   | mDNS                                 | libavahi-client-dev         | avahi-devel                | avahi
build   | the games that Lutris knows           | libsqlite3-dev              | sqlite-devel               | sqlite
build   | screenshots                          | libpng-dev                  | libpng-devel               | libpng
build   | the console, compressed              | zlib1g-dev                  | zlib-devel                 | zlib
build   | unit tests                           | libgtest-dev                | gtest-devel                | gtest
build   | unit tests                           | libgmock-dev                | gmock-devel                | -
build   | property tests (optional)            | librapidcheck-dev           | rapidcheck-devel           | -
run     | the desktop that is streamed         | sway                        | sway                       | sway
run     | its background                       | swaybg                      | swaybg                     | swaybg
run     | its terminal                         | foot                        | foot                       | foot
run     | its font                             | fonts-dejavu-core           | dejavu-sans-mono-fonts     | ttf-dejavu
run     | its sound                            | pipewire                    | pipewire                   | pipewire
run     | its sound: the session manager       | wireplumber                 | wireplumber                | wireplumber
run     | its sound: programs for PulseAudio   | pipewire-pulse              | pipewire-pulseaudio        | pipewire-pulse
web     | builds the console (18 or later)     | nodejs                      | nodejs                     | nodejs
web     | its packages                         | npm                         | nodejs-npm                 | npm
test    | the console, in a browser            | chromium                    | chromium                   | chromium
test    | plays and records                    | pipewire-bin                | pipewire-utils             | -
test    | plays and records, by PulseAudio     | pulseaudio-utils            | pulseaudio-utils           | libpulse
test    | shows what input arrives             | wev                         | wev                        | -
test    | what the compositor shows            | grim                        | grim                       | grim
test    | discovery, between two networks      | avahi-daemon                | avahi                      | -
test    | its message bus                      | dbus                        | dbus-daemon                | dbus
test    | networks of their own                | iproute2                    | iproute                    | iproute2
test    | the C interface, from Python         | python3                     | python3                    | python
test    | the management API contract          | python3-jsonschema          | python3-jsonschema         | python-jsonschema
test    | a machine for tests (x86-64 only)    | qemu-system-x86             | -                          | -
test    | ... its shell                        | busybox-static              | -                          | -
test    | ... its files                        | cpio                        | -                          | -
test    | ... its kernel modules               | kmod                        | -                          | -
test    | ... unpacking them                   | xz-utils                    | -                          | -
test    | ... unpacking them                   | zstd                        | -                          | -
bench   | measured beside ours: erasure codes  | libisal-dev                 | libisal-devel              | isa-l
bench   | measured beside ours: conversion     | libyuv-dev                  | libyuv-devel               | libyuv
cross   | compiler for AArch64                 | g++-aarch64-linux-gnu       | gcc-c++-aarch64-linux-gnu  | aarch64-linux-gnu-gcc
cross   | runs AArch64 programs                | qemu-user                   | qemu-user                  | qemu-user
cross   | unit tests (sources)                 | googletest                  | -                          | -
fuzz    | libFuzzer                            | clang-19                    | clang                      | clang
fuzz    | its run-time library                 | libclang-rt-19-dev          | compiler-rt                | compiler-rt
coverage| llvm-cov, llvm-profdata              | llvm-19                     | llvm                       | llvm
lint    | static analysis                      | clang-tidy-19               | clang-tools-extra          | -
lint    | formatting                           | clang-format-19             | -                          | -
'

say() { printf '== %s\n' "$*"; }
die() {
    printf 'install-deps.sh: %s\n' "$*" >&2
    exit 1
}

if [[ ${1:-} == --list ]]; then
    printf '%s' "$table"
    exit 0
fi
groups=("$@")
((${#groups[@]})) || groups=(build run)
for group in "${groups[@]}"; do
    [[ $group =~ ^(build|run|web|test|cross|bench|fuzz|coverage|lint)$ ]] ||
        die "unknown group '$group'; there are: build run web test cross bench fuzz coverage lint"
done

system=$(. /etc/os-release && echo " ${ID:-} ${ID_LIKE:-} ")
case $system in
    *" debian "* | *" ubuntu "*) family=debian column=3 ;;
    *" fedora "* | *" rhel "*) family=fedora column=4 ;;
    *" arch "*) family=arch column=5 ;;
    *) die "this system is not known here; 'scripts/install-deps.sh --list' shows what to install by hand" ;;
esac

# The names of the asked groups, one a line.
wanted() {
    awk -F'|' -v column="$column" -v groups=" ${groups[*]} " -v machine="$(uname -m)" '
        /\(x86-64 only\)/ && machine != "x86_64" { next }
        NF == 5 { gsub(/[ \t]/, "", $1); gsub(/[ \t]/, "", $column)
                  if (index(groups, " " $1 " ") && $column != "-") print $column }' <<<"$table" | sort -u
}

# Node from elsewhere than the distribution (nvm, a container's image) does as well.
have_node() { command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null; }

# Of the names on standard input, those that are not installed.
missing() {
    case $family in
        debian)
            # A virtual or unknown name is simply absent from the answer.
            awk 'NR == FNR { if ($1 == "ii") have[$2] = 1; next } !($1 in have)' \
                <(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' 2>/dev/null) -
            ;;
        fedora) while read -r name; do rpm -q --quiet --whatprovides "$name" || echo "$name"; done ;;
        arch) while read -r name; do pacman -Qq "$name" >/dev/null 2>&1 || echo "$name"; done ;;
    esac
}

as_root=()
need_root() { # what for
    ((EUID == 0)) && return
    command -v sudo >/dev/null || die "$1 needs root: run this script as root, or install sudo"
    as_root=(sudo)
}

if [[ " ${groups[*]} " == *" web "* ]] && have_node; then
    for i in "${!groups[@]}"; do [[ ${groups[i]} != web ]] || unset "groups[i]"; done
fi
mapfile -t lacking < <(wanted | missing)
# Ubuntu has Chromium as a snap only, which this script does not install; the tests leave the browser out, or take CHROMIUM=PATH.
if [[ $system == *" ubuntu "* ]]; then
    for i in "${!lacking[@]}"; do [[ ${lacking[i]} != chromium ]] || unset "lacking[i]"; done
fi
if ((${#lacking[@]})); then
    need_root "installing ${#lacking[@]} packages (${lacking[*]})"
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    step() { # message, command...
        say "$1"
        shift
        "${as_root[@]}" "$@" >"$log" 2>&1 </dev/null || {
            tail -n 40 "$log" >&2
            die "that failed; the output is above"
        }
    }
    case $family in
        debian)
            step "reading the package lists" apt-get update -q
            step "installing ${#lacking[@]} packages: ${lacking[*]}" \
                env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${lacking[@]}"
            ;;
        fedora) step "installing ${#lacking[@]} packages: ${lacking[*]}" dnf install -y -q "${lacking[@]}" ;;
        arch) step "installing ${#lacking[@]} packages: ${lacking[*]}" pacman -S --needed --noconfirm "${lacking[@]}" ;;
    esac
fi

# A host that root starts runs the embedded desktop as this user; one that a user starts runs it as that user. So without
# root there is nothing to do here.
if [[ " ${groups[*]} " == *" run "* ]] && { ((EUID == 0)) || ((${#as_root[@]})); }; then
    if ! getent passwd punktfunk >/dev/null; then
        say "creating the system user punktfunk (runs the embedded desktop)"
        nologin=$(command -v nologin || echo /usr/sbin/nologin)
        "${as_root[@]}" useradd --system --user-group --home-dir /var/lib/punktfunk --create-home --shell "$nologin" punktfunk
        "${as_root[@]}" chmod 0700 /var/lib/punktfunk
    fi
    # Made by whoever starts Xwayland first, it would lock everybody else out.
    [[ -d /tmp/.X11-unix ]] || "${as_root[@]}" mkdir -m 1777 /tmp/.X11-unix
fi
