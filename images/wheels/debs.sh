#!/bin/sh
# Runs in a container of the base image, with network: fetch the Debian packages of /lock/debian.txt, and what they need
# beyond the base, into /debs. apt proves them against Debian's archive keys, which the base carries.
set -eu
rm -rf /debs/* && mkdir -p /debs/partial
set -- -o Dir::Etc::SourceList=/sources.list -o Dir::Etc::SourceParts=/none -o Dir::Cache::Archives=/debs \
    -o APT::Sandbox::User=root "$@"
apt-get "$@" update -q
# shellcheck disable=SC2046 # one package a word
apt-get "$@" install -qy --no-install-recommends --download-only $(sed 's/#.*//' /lock/debian.txt)
rm -rf /debs/partial /debs/lock
chown -R "$OWNER" /debs
chmod -R a+rX /debs
