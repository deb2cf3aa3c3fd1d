#!/usr/bin/env bash
# Install what this machine lacks, and make the Python environment .venv from requirements-dev.txt, by hash.
# A second run looks at one stamp and does nothing.
#
#   deploy/setup.sh [--tests]     --tests: also Chromium, axe-core, PostgreSQL and tesseract, which the tests use
set -euo pipefail
cd "$(dirname "$0")/.."
log=build/log/setup.log
. deploy/steps.sh
umask 022
mkdir -p build/log

# mmdebstrap makes the images' base; the keyring proves its packages on Ubuntu too.
packages=(make git ca-certificates python3 python3-venv mmdebstrap debian-archive-keyring)
[ "${1:-}" = --tests ] && packages+=(chromium iproute2 postgresql tesseract-ocr tesseract-ocr-fra)
if command -v dpkg-query >/dev/null && like_debian; then
    # What is there already, from wherever, is not asked for again.
    wanted=()
    for package in "${packages[@]}"; do
        case $package in
        python3-venv) "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null && continue ;;
        make | git | python3 | mmdebstrap | chromium) command -v "$package" >/dev/null && continue ;;
        iproute2) command -v ip >/dev/null && continue ;;
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && continue ;;
        esac
        wanted+=("$package")
    done
    # In run level 1 a package's own service is not started: the tests start a server of their own.
    RUNLEVEL=1 install_packages "${wanted[@]}"
fi
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    die "Python 3.11 or later is needed, with venv; name it: PYTHON=/path/to/python3.11 make setup"

# pip and uv read the index from the environment or from pip's settings, and nothing else from there: an extra index or
# a folder of wheels on this machine must not change what a lock means.
index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
certificates=${PIP_CERT:-${SSL_CERT_FILE:-}}
clean=(env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u UV_FIND_LINKS -u UV_EXTRA_INDEX_URL -u UV_INDEX
    PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_PROGRESS=1)
[ -n "$index" ] && clean+=("PIP_INDEX_URL=$index" "UV_DEFAULT_INDEX=$index")
[ -n "$certificates" ] && clean+=("PIP_CERT=$certificates" "SSL_CERT_FILE=$certificates")

stamp=.venv/.ecluse-stamp
key=$(cat requirements-dev.txt pyproject.toml deploy/setup.sh | sha256sum | cut -d ' ' -f 1)-$("$python" -V)
axe() {
    [ "${1:-}" = --tests ] && [ ! tests/functional/node_modules -nt tests/functional/package-lock.json ] || return 0
    step "installed axe-core, by hash" env PATH="$PWD/.venv/bin:$PATH" .venv/bin/npm ci --prefix tests/functional
}
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then
    done_in "Python environment is current"
    axe "$@"
    exit 0
fi

[ -x .venv/bin/python ] || step "made .venv" "$python" -m venv .venv
locked() { awk -v name="$1" '$1 ~ "^" name "==" { on = 1 } on { print; if ($0 !~ /\\$/) exit }' requirements-dev.txt; }
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d ' ' -f 2)" != "$(locked uv | sed -n '1s/uv==\([^ ]*\).*/\1/p')" ]; then
    locked uv | sed '/^ *#/d' >build/uv.txt
    step "installed uv, by hash" "${clean[@]}" .venv/bin/python -m pip install --require-hashes --no-deps -r build/uv.txt
fi
step "installed $(grep -c '^[a-z0-9A-Z].*==' requirements-dev.txt) packages, by hash" \
    "${clean[@]}" .venv/bin/uv pip install --python .venv/bin/python --compile-bytecode --require-hashes -r requirements-dev.txt
step "installed ecluse, editable" \
    "${clean[@]}" .venv/bin/uv pip install --python .venv/bin/python --no-deps --no-build-isolation --no-index -e .
echo "$key" >"$stamp"
axe "$@"
