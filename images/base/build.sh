#!/usr/bin/env bash
# Write the base root file system (Debian 12, Python 3.11, tini) as a tar archive to standard output.
# Needs mmdebstrap. Sources: the lines of $BASE_SOURCES ("deb URI SUITE COMPONENTS"), else Debian's own mirror. Those it
# used go to the file $SOURCES_OUT, for the packages that single images add.
set -euo pipefail

packages=python3,tini,netbase,tzdata
# Without a mirror named, mmdebstrap takes Debian's own, with updates and security.
mirror=()
[ -z "${BASE_SOURCES:-}" ] || mirror=(-)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || {
    echo "no $keyring: install debian-archive-keyring" >&2
    exit 1
}
mode=root
[ "$(id -u)" = 0 ] || mode=unshare

options=()
while read -r line; do
    options+=("--aptopt=$line")
done < <(apt-config dump 2>/dev/null | grep -iE '^Acquire::(http|https)::(proxy|timeout|cainfo|verify[a-z-]*) ' || true)

# $1 of a hook is the root of the new file system.
strip_setuid='find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +'
# Debian keeps a few group-sticky folders (/var/mail, /var/local, /var/log/journal): harmless bits, dropped as well.
strip_setgid_dirs='find "$1" -xdev -type d -perm /6000 -exec chmod a-s {} +'
forget='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/cache/debconf/*-old "$1"/var/log/* \
    "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* \
    "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/root/.*history'
# shellcheck disable=SC2016 # $1 is the hook's
keep='[ -z "${SOURCES_OUT:-}" ] || cat "$1"/etc/apt/sources.list > "$SOURCES_OUT"'
# The host's name is no part of the image; the engine writes all three anew in each container.
fresh='printf "127.0.0.1 localhost\n" > "$1"/etc/hosts; : > "$1"/etc/hostname; : > "$1"/etc/resolv.conf'

exec mmdebstrap --variant=minbase --mode="$mode" --format=tar --include="$packages" --keyring="$keyring" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "${options[@]}" \
    --customize-hook="$strip_setuid" --customize-hook="$strip_setgid_dirs" \
    --customize-hook="$keep" \
    --customize-hook="$forget" --customize-hook="$fresh" \
    bookworm - "${mirror[@]}" <<<"${BASE_SOURCES:-}"
