#!/usr/bin/env bash
# Build the images whose inputs changed; see deploy/images.py.
cd "$(dirname "$0")/.." && exec .venv/bin/python deploy/images.py "$@"
