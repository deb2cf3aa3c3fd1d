#!/usr/bin/env bash
# Recompile every lock: requirements-dev.txt, images/*/requirements.txt, images/wheels/tools.txt, deploy/attacks, tests/bench/peers and package-locks.
# Locks keep their versions; pass --upgrade to take newer ones.
set -euo pipefail
cd "$(dirname "$0")/.."

python=3.11.2 # Debian 12's own: a wheel that needs 3.11.5 does not fit

compile() {
    local out=$1
    shift
    .venv/bin/uv pip compile --quiet --no-header --no-annotate --generate-hashes --python-version "$python" \
        "${upgrade[@]}" "$@" -o "$out"
    # A lock names packages and hashes, never where this machine gets them from.
    if grep -qE '(https?|file)://|^(-f|-i|--(extra-)?index-url|--find-links)' "$out"; then
        echo "$out names a host or an index; unset UV_INDEX* and UV_FIND_LINKS and run again" >&2
        return 1
    fi
    echo "  ✔ $out: $(grep -c '==' "$out") packages"
}

upgrade=()
[ "${1:-}" = --upgrade ] && upgrade=(--upgrade)

.venv/bin/uv pip compile pyproject.toml --all-extras --group dev --generate-hashes --no-header --quiet --python-version "$python" \
    "${upgrade[@]}" -o requirements-dev.txt
echo "  ✔ requirements-dev.txt: $(grep -c '==' requirements-dev.txt) packages"

# What the tests run with is what the images hold: the development lock constrains the others.
with=(-c requirements-dev.txt)
compile images/wheels/tools.txt images/wheels/tools.in
compile images/workspace/requirements.txt images/workspace/requirements.in "${with[@]}"
compile images/proxy/requirements.txt images/proxy/requirements.in "${with[@]}"
compile images/hub/requirements.txt pyproject.toml --extra hub --extra store "${with[@]}"
compile images/gate/requirements.txt pyproject.toml --extra gate --extra store "${with[@]}"
compile images/airlock/requirements.txt pyproject.toml --extra airlock --extra store "${with[@]}"
compile images/mirror/requirements.txt pyproject.toml --extra mirror "${with[@]}"
compile images/pane/requirements.txt pyproject.toml --extra pane "${with[@]}"
compile images/checker/requirements.txt pyproject.toml --extra checks "${with[@]}"
compile deploy/attacks/requirements.txt deploy/attacks/requirements.in "${with[@]}"
compile tests/bench/peers/requirements.txt tests/bench/peers/requirements.in

for image in proxy pane; do
    [ -n "${upgrade[*]}" ] && rm -f "images/$image/package-lock.json"
    (cd "images/$image" && PATH="$PWD/../../.venv/bin:$PATH" npm install --package-lock-only --ignore-scripts \
        --omit-lockfile-registry-resolved --no-audit --no-fund --silent)
    if grep -q '"resolved": *"http' "images/$image/package-lock.json"; then
        echo "images/$image/package-lock.json names a host; npm needs --omit-lockfile-registry-resolved" >&2
        exit 1
    fi
    echo "  ✔ images/$image/package-lock.json: $(grep -c '"integrity"' "images/$image/package-lock.json") packages"
done
