#!/usr/bin/env bash
# Make sure that a Docker Engine runs: use the one that answers; else, as root on Debian or Ubuntu, install and start
# Debian's; else say what to install. Idempotent.
#
#   deploy/engine.sh         start
#   deploy/engine.sh stop    stop the engine that this script started, and no other
#
# DOCKERD_OPTIONS=--userns-remap=default has it map users: docs/how-to/map-users.md.
# DOCKERD_RUN, DOCKERD_OPTIONS and DOCKER_HOST let a test start a second engine beside the first.
# Not with --bridge=none in the same network namespace: that removes docker0 from under the first.
set -euo pipefail
cd "$(dirname "$0")/.."
log=build/log/engine.log
. deploy/steps.sh

who=$(id -un 2>/dev/null || id -u)
run=${DOCKERD_RUN:-/var/run}                # where the engine keeps docker.pid and docker/
mine=${DOCKERD_STATE:-build/engine.started} # pid and start time of the engine that we started
patience=90

answers() { timeout 10 docker info >/dev/null 2>&1; }

# is_alive PID NAME: a process of that number lives and is of that kind. Numbers are used again, so the kind counts;
# where nobody collects the dead, a killed daemon stays as a zombie, and is as dead.
is_alive() {
    [ -n "$1" ] && [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ] &&
        ! grep -qs '^State:[[:space:]]*[ZX]' "/proc/$1/status"
}
started_at() { cut -d ' ' -f 22 "/proc/$1/stat" 2>/dev/null; }

# A daemon that was killed leaves its pid files: a new one refuses to start ("pid file found") if that number now
# belongs to any process, and waits for a containerd that is none. Its network namespaces stay mounted and busy.
clear_leftovers() {
    local file kind ns
    if is_alive "$(cat "$run/docker.pid" 2>/dev/null)" dockerd; then
        return 0 # it lives, though it does not answer (yet): nothing here is left over
    fi
    for file in "$run/docker.pid:dockerd" "$run/docker/containerd/containerd.pid:containerd" \
        "$run/docker/containerd/docker-containerd.pid:containerd"; do
        kind=${file##*:} file=${file%:*}
        if [ -e "$file" ] && ! is_alive "$(cat "$file")" "$kind"; then
            echo "stale: $file ($(cat "$file"))" >>"$log"
            rm -f "$file"
        fi
    done
    [ -S "$run/docker.sock" ] && rm -f "$run/docker.sock"
    for ns in "$run"/docker/netns/*; do
        [ -e "$ns" ] || continue
        # Containers that outlive their daemon (live restore) still use theirs: their shims hold them.
        if ! holds_shim; then
            echo "stale: $ns" >>"$log"
            umount -l "$ns" 2>>"$log" || true
            rm -f "$ns"
        fi
    done
}

# holds_shim: a container's shim still runs for an engine of this run folder.
holds_shim() {
    local process
    for process in /proc/[0-9]*; do
        [ "$(cat "$process/comm" 2>/dev/null)" = containerd-shim ] || continue
        tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q "$run/docker/" && return 0
    done
    return 1
}

# Without an init system nobody may have mounted the control groups.
mount_cgroups() {
    [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -d /sys/fs/cgroup/memory ] && return 0
    mount -t cgroup2 none /sys/fs/cgroup
}

start_daemon() {
    : >build/log/dockerd.log
    # A session of its own: it outlives this script and the terminal. Many containers hold many files.
    ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
    # shellcheck disable=SC2086 # options are words
    setsid dockerd ${DOCKERD_OPTIONS:-} >build/log/dockerd.log 2>&1 </dev/null &
    local pid=$!
    for _ in $(seq 1 25); do # setsid may fork: the daemon itself writes the number that counts
        sleep 0.2
        is_alive "$(cat "$run/docker.pid" 2>/dev/null)" dockerd && pid=$(cat "$run/docker.pid") && break
    done
    remember "$pid"
}

# Only an engine that was started here is ever stopped here.
remember() { echo "$1 $(started_at "$1")" >"$mine"; }

wait_for_answer() {
    local until=$((SECONDS + patience))
    while ! answers; do
        if [ $SECONDS -ge $until ] || { [ -n "${1:-}" ] && ! is_alive "$1" dockerd; }; then
            tail -n 12 build/log/dockerd.log
            return 1
        fi
        sleep 0.5
    done
}

start_and_wait() {
    if [ -d /run/systemd/system ] && [ -z "${DOCKERD_OPTIONS:-}" ]; then
        systemctl reset-failed docker.service docker.socket 2>/dev/null || true
        systemctl enable --now docker
        wait_for_answer
        return
    fi
    local running
    running=$(cat "$run/docker.pid" 2>/dev/null || true)
    if is_alive "$running" dockerd; then # it is only slow, or the package's own script has just started it
        wait_for_answer "$running"
        return
    fi
    mount_cgroups
    start_daemon
    wait_for_answer "$(cut -d ' ' -f 1 "$mine")" && return
    # Kernels without nf_tables: Debian's iptables can speak the older interface as well.
    if grep -qiE 'iptables.*(nf_tables|not supported|Failed to initialize nft)' build/log/dockerd.log &&
        [ -x /usr/sbin/iptables-legacy ]; then
        update-alternatives --set iptables /usr/sbin/iptables-legacy
        update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy
        clear_leftovers
        start_daemon
        wait_for_answer "$(cut -d ' ' -f 1 "$mine")"
        return
    fi
    return 1
}

stop() {
    [ -f "$mine" ] || { say "no engine of ours runs"; return 0; }
    local pid since
    read -r pid since <"$mine"
    if is_alive "$pid" dockerd && [ "$(started_at "$pid")" = "$since" ]; then
        kill "$pid"
        for _ in $(seq 1 60); do
            is_alive "$pid" dockerd || break
            sleep 0.5
        done
        ! is_alive "$pid" dockerd || die "the engine ($pid) does not stop; see build/log/dockerd.log"
        say "✔ stopped the engine that we started"
    else
        say "the engine that we started is gone already"
    fi
    rm -f "$mine"
}

start() {
    local began=$SECONDS
    if ! answers; then
        if ! command -v dockerd >/dev/null; then
            like_debian || die "no Docker Engine answers. Install Docker Engine 20.10 or later and start it, then run this again."
        fi
        [ "$(id -u)" = 0 ] || die "no Docker Engine answers for $who. Start it (systemctl start docker), or join its group (usermod -aG docker $who), or run this as root."
        if like_debian && ! command -v dockerd >/dev/null; then
            # A package that starts its daemon while it is being installed would race with the start below.
            install_packages docker.io docker-compose iptables ca-certificates
            installed=yes
        fi
        mkdir -p build/log
        answers || { clear_leftovers; step "the engine starts" start_and_wait; }
        if [ -n "${installed:-}" ] && [ ! -f "$mine" ] && [ ! -d /run/systemd/system ]; then
            remember "$(cat "$run/docker.pid")" # the package's own script was faster; it is there because of us
        fi
    fi
    if ! docker compose version >/dev/null 2>&1 && ! command -v docker-compose >/dev/null; then
        like_debian || die "no docker compose. Install its plugin, or docker-compose, then run this again."
        install_packages docker-compose
    fi
    done_in "Docker Engine $(docker version --format '{{.Server.Version}}') answers" "$began"
}

mkdir -p build/log
case ${1:-start} in
start) start ;;
stop) stop ;;
*) die "usage: deploy/engine.sh [start|stop]" ;;
esac
