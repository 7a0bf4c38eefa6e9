# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What scripts/setup, scripts/try and scripts/test share: progress lines, building, mounts. To be sourced.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$PATH:/usr/sbin:/sbin"
export LC_ALL=C.UTF-8

# A progress line: step WHAT, then done_with [WORD] or fail.
step() {
    current_step=$1
    printf '%-44s ' "$1 ..."
}

done_with() {
    echo "${1:-done}"
    current_step=
}

# fail REASON [LOG]: ends the progress line and the script, with the end of the log.
fail() {
    [ -z "${current_step:-}" ] || echo "FAILED"
    current_step=
    if [ -n "${2:-}" ] && [ -s "$2" ]; then
        echo "--- the end of $2:"
        tail -n "${LOG_TAIL:-25}" "$2"
        echo "---"
    fi
    echo "$(basename "$0"): $1" >&2
    exit 1
}

# An empty root made by debootstrap has neither /proc nor /dev/fuse; whoever is root there can have both.
# What was mounted is noted in the file $1, for leave_bare_root.
prepare_bare_root() {
    [ "$(id -u)" -eq 0 ] || return 0
    if [ ! -e /proc/self/mountinfo ] && mount -t proc proc /proc 2>/dev/null; then
        mkdir -p "$(dirname "$1")"
        echo /proc >>"$1"
    fi
    if [ ! -e /sys/kernel ] && mount -t sysfs sysfs /sys 2>/dev/null; then
        mkdir -p "$(dirname "$1")"
        echo /sys >>"$1"
    fi
    [ -e /etc/mtab ] || ln -s /proc/self/mounts /etc/mtab # fusermount3 of an ordinary user wants it
    [ -e /dev/fuse ] || modprobe fuse 2>/dev/null || true
    if [ ! -e /dev/fuse ] && grep -qw fuse /proc/filesystems 2>/dev/null; then
        mknod -m 666 /dev/fuse c 10 229 2>/dev/null || true
    fi
}

leave_bare_root() {
    [ -e "$1" ] || return 0
    local place
    tac "$1" | while read -r place; do
        umount "$place" 2>/dev/null || umount -l "$place"
    done
    rm -f "$1"
}

make_jobs() {
    nproc 2>/dev/null || echo 1
}

# A fresh checkout has no configure. Later changes to its sources are make's business: it knows what depends on them.
bootstrap() {
    if [ ! -e "$tree/configure" ] || [ ! -e "$tree/Makefile.in" ] || [ ! -e "$tree/config.h.in" ]; then
        (cd "$tree" && autoreconf -fi)
    fi
}

# configure_in DIRECTORY ARGUMENT...: configures there, unless that was done with these arguments and with the source
# tree at this place. A directory configured otherwise is emptied first.
configure_in() {
    local directory=$1 wanted
    shift
    wanted="$tree $*"
    if [ -e "$directory/Makefile" ] && [ "$(cat "$directory/.configured" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    rm -rf "$directory" && mkdir -p "$directory" && (cd "$directory" && "$tree/configure" --quiet "$@") &&
        printf '%s\n' "$wanted" >"$directory/.configured"
}

# Whether something is mounted exactly at $1, alive or dead.
is_mounted() {
    findmnt --noheadings --mountpoint "$1" >/dev/null 2>&1
}

# The processes of our pail, whatever build, that have $1 as an argument.
pails_of() {
    local directory exe
    for directory in /proc/[0-9]*; do
        exe=$(readlink "$directory/exe" 2>/dev/null) || continue
        case $exe in
        "$tree"/build/*/pail | "$tree"/build/*/pail\ *) ;;
        *) continue ;;
        esac
        if tr '\0' '\n' 2>/dev/null <"$directory/cmdline" | grep -Fqx -e "$1"; then
            echo "${directory#/proc/}"
        fi
    done
}

# Waits up to $2 seconds until no pail has $1 as an argument.
wait_for_pails() {
    local i
    for ((i = 0; i < $2 * 10; i++)); do
        [ -n "$(pails_of "$1")" ] || return 0
        sleep 0.1
    done
    return 1
}

# Unmounts $1 and waits for its daemon, which first sends what it still has to send.
unmount() {
    local problem='' pid
    if is_mounted "$1"; then
        if [ "$(id -u)" -eq 0 ]; then
            problem=$(umount "$1" 2>&1) || true
        else
            problem=$(fusermount3 -u "$1" 2>&1) || true
        fi
        if is_mounted "$1"; then
            echo "$problem" >&2
            return 1
        fi
    fi
    wait_for_pails "$1" 60 && return
    for pid in $(pails_of "$1"); do
        kill "$pid" 2>/dev/null || true
    done
    wait_for_pails "$1" 30
}
