# Shared by the scripts beside it: one line per step, with its time; everything else goes to a log.
# Sourced from the repository's root; the caller sets $log.

say() { printf '  %s\n' "$*"; }
green= red= plain=
[ ! -t 1 ] || { green=$(printf '\033[32m') red=$(printf '\033[31m') plain=$(printf '\033[0m'); }
done_in() { printf '  %s✔%s %s  %s s\n' "$green" "$plain" "$1" "$((SECONDS - ${2:-$SECONDS}))"; }
die() {
    printf '  %s✗%s %s\n' "$red" "$plain" "$*" >&2
    exit 1
}

# step TITLE COMMAND…: runs it with its output in $log; on a terminal a dot every two seconds shows that it lives.
step() {
    local title=$1 start=$SECONDS ticker=
    shift
    mkdir -p "$(dirname "$log")"
    printf '\n$ %s\n' "$*" >>"$log"
    if [ -t 1 ]; then
        printf '    %s ' "$title"
        (while sleep 2; do printf .; done) &
        ticker=$!
    fi
    local code=0
    "$@" >>"$log" 2>&1 || code=$?
    if [ -n "$ticker" ]; then
        kill "$ticker" 2>/dev/null
        wait "$ticker" 2>/dev/null || true
        printf '\r\033[K'
    fi
    if [ "$code" != 0 ]; then
        tail -n 12 "$log" >&2
        die "$title failed with $code; the whole log: $log"
    fi
    done_in "$title" "$start"
}

# missing PACKAGE…: those that dpkg does not have installed.
missing() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

# install_packages PACKAGE…: from Debian or Ubuntu, only what is missing; needs root.
install_packages() {
    local wanted
    wanted=$(missing "$@")
    [ -n "$wanted" ] || return 0
    [ "$(id -u)" = 0 ] || die "missing: $(echo $wanted). Install them as root: apt-get install $(echo $wanted)"
    export DEBIAN_FRONTEND=noninteractive
    step "package lists" apt-get update -q
    # shellcheck disable=SC2086 # a list of packages
    step "installed $(echo $wanted)" apt-get install -qy --no-install-recommends $wanted
}

like_debian() { grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; }
